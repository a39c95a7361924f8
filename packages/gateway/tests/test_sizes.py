"""What is too large or no message at all is refused (contract.md §4.0)."""

import re

import pytest

from .foreign import Client, command, encoded, failure, refusal, refused, words

MEBIBYTE = 1024 * 1024


def sized(bytes_: int) -> bytes:
    """Return a command that has exactly so many bytes and leads to no event."""
    padding = bytes_ - len(encoded(command("nothing ")))
    while len(data := encoded(command("nothing " + "x" * padding))) != bytes_:
        padding -= len(data) - bytes_
    return data


async def test_a_command_just_above_the_limit_is_refused(client: Client) -> None:
    """Size and limit are in the text."""
    found = await refused(client.execute(sized(MEBIBYTE + 1)))

    text = "CommandBook of 1048577 bytes exceeds the limit of 1048576 bytes"
    assert found == refusal("RESOURCE_EXHAUSTED", text, "MESSAGE_TOO_LARGE", limit="1048576")


async def test_a_message_above_the_limit_is_refused(client: Client) -> None:
    """Five mebibytes are more than any message may have."""
    found = await refused(client.execute(sized(5 * MEBIBYTE)))

    text = "CommandBook of 5242880 bytes exceeds the limit of 4194304 bytes"
    assert found == refusal("RESOURCE_EXHAUSTED", text, "MESSAGE_TOO_LARGE", limit="4194304")


async def test_a_message_of_any_size_is_refused(client: Client) -> None:
    """What is not even read in is refused with the same code."""
    found = await refused(client.execute(sized(9 * MEBIBYTE)))

    assert found.code == "RESOURCE_EXHAUSTED"


async def test_a_large_command_is_accepted(client: Client) -> None:
    """A kilobyte below the limit everything fits."""
    response = await client.execute(sized(MEBIBYTE - 1024))

    assert list(response.events.pages) == []


async def test_a_command_of_exactly_the_limit_is_accepted(client: Client) -> None:
    """What the gateway fills in does not count against the client."""
    response = await client.execute(sized(MEBIBYTE))

    assert list(response.events.pages) == []


@pytest.mark.parametrize("data", [b"\xff\xff\xff garbage", encoded(command("hello"))[:-3]])
async def test_bytes_that_are_no_message_are_refused(client: Client, data: bytes) -> None:
    """The caller's mistake, in the words of the contract."""
    found = await refused(client.execute(data))

    text = "CommandBook cannot be decoded"
    assert found == refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field="")


async def test_too_much_metadata_is_refused(client: Client) -> None:
    """Eight kilobytes are the limit, and the connection stays usable."""
    metadata = [("x-padding", "x" * 20_000)]

    error = await failure(
        client.call("CommandGateway/Execute", command("hello"), metadata=metadata)
    )

    assert error.code().name == "RESOURCE_EXHAUSTED"
    assert words((await client.execute(command("hello"))).events) == ["hello"]


async def test_a_history_that_logic_cannot_be_sent_is_refused(client: Client) -> None:
    """The next command of a root whose state is above the message limit is told so."""
    for sequence in range(9):
        await client.execute(command("padded 500000", sequence=sequence))

    found = await refused(client.execute(command("hello", sequence=9)))

    assert (found.code, found.reason) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
    assert re.fullmatch(
        r"ContextualCommand of \d+ bytes exceeds the limit of 4194304 bytes", found.text
    )
