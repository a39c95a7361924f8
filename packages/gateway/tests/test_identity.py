"""Command ids and correlation ids as a foreign client sends them (contract.md §3.2, §3.3)."""

import asyncio
import hashlib
import uuid
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BoolValue

from .foreign import Client, command, encoded, refusal, refused, words
from .world import World

VECTOR = bytes.fromhex(
    "0a1b0a120a10000102030405060708090a0b0c0d0e0f12056f7264657212311a2f0a28747970652e676f6f676c"
    "65617069732e636f6d2f6578616d706c65732e4372656174654f7264657212030a0161"
)
VECTOR_ID = "4b8c160d-5683-530b-8501-a4aba6fa0e0e"
NAMESPACE = uuid.UUID("404f3bda-578a-5c4d-a7f4-2751b843698a")
REUSED = "Command id c-1 was already used for a different command"


def recipe(book: Any) -> str:
    """Return the correlation id that a book without one gets."""
    digest = hashlib.sha1(NAMESPACE.bytes + encoded(book), usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def with_command_id(book: Any, command_id: str) -> bytes:
    """Return a book with the field that only newer clients know."""
    value = command_id.encode()
    return encoded(book) + b"\xa2\x06" + bytes([len(value)]) + value


async def test_a_missing_correlation_id_is_derived(world: World) -> None:
    """The bytes of the test vector give the id of the test vector, and logic sees it."""
    response = await world.client.execute(VECTOR)

    assert response.events.cover.correlation_id == VECTOR_ID
    assert world.logic["order"].asked[0].command.cover.correlation_id == VECTOR_ID


async def test_the_derivation_comes_before_any_change(client: Client) -> None:
    """An id in the metadata and a field nobody knows do not change the result."""
    unknown_field = b"\x90\x03\x07"

    response = await client.execute(VECTOR + unknown_field, key="c-1")

    assert response.events.cover.correlation_id == VECTOR_ID


async def test_every_book_has_its_own_correlation_id(client: Client) -> None:
    """It is the version 5 UUID of the book as it was sent."""
    book = command("hello", sequence=0)
    expected = recipe(book)

    response = await client.execute(book)

    assert response.events.cover.correlation_id == expected != VECTOR_ID


@pytest.mark.parametrize("correlation", ["mine", "é" * 128])
async def test_a_correlation_id_of_the_client_is_kept(client: Client, correlation: str) -> None:
    """Free text of at most 256 bytes."""
    book = command("hello")
    book.cover.correlation_id = correlation

    response = await client.execute(book)

    assert response.events.cover.correlation_id == correlation


@pytest.mark.parametrize("correlation", ["a" * 257, "é" * 129])
async def test_an_overlong_correlation_id_is_refused(client: Client, correlation: str) -> None:
    """Bytes of UTF-8 count, not characters."""
    book = command("hello")
    book.cover.correlation_id = correlation

    found = await refused(client.execute(book))

    text = "Correlation id is longer than 256 bytes"
    field = "cover.correlation_id"
    assert found == refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field=field)


async def test_a_repeat_gets_the_first_result(world: World) -> None:
    """The same id has one effect, whatever its sequence and its payload say."""
    first = await world.client.execute(command("hello"), key="c-1")
    again = await world.client.execute(command("other", sequence=9), key="c-1")

    assert first.events.pages == again.events.pages
    assert words(again.events) == ["hello"]
    assert len(world.logic["order"].asked) == 1


async def test_an_acceptance_without_events_is_repeated(client: Client) -> None:
    """It is a result like any other."""
    await client.execute(command("nothing"), key="c-1")
    await client.execute(command("hello"))

    again = await client.execute(command("nothing"), key="c-1")

    assert list(again.events.pages) == []


async def test_simultaneous_repeats_have_one_effect(world: World) -> None:
    """A repeat joins the command that is in flight."""
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(world.client.execute(command("hold"), key="c-1")) for _ in range(8)
        ]
        await world.logic["order"].called.wait()
        world.logic["order"].released.set()

    assert {call.result().events.pages[0].num for call in calls} == {0}
    assert len(world.logic["order"].asked) == 1


async def test_the_id_of_a_refused_command_is_spent(world: World) -> None:
    """A repeat hears the same refusal, and logic is not asked again."""
    first = await refused(world.client.execute(command("abort NOT_FOUND"), key="c-1"))
    again = await refused(world.client.execute(command("hello"), key="c-1"))

    assert first == again == refusal("NOT_FOUND", "Logic says NOT_FOUND", "LOGIC_REJECTED")
    assert len(world.logic["order"].asked) == 1


async def test_the_id_of_a_failed_attempt_is_free(client: Client) -> None:
    """What is no result binds nothing: a mismatch and a failure of logic may be sent again."""
    await refused(client.execute(command("late", sequence=5), key="c-1"))
    await refused(client.execute(command("abort ABORTED"), key="c-1"))

    response = await client.execute(command("hello"), key="c-1")

    assert words(response.events) == ["hello"]


async def test_an_id_names_one_root(client: Client) -> None:
    """Another root under the same id is refused."""
    await client.execute(command("hello"), key="c-1")

    found = await refused(client.execute(command("hello", root=bytes(16)), key="c-1"))

    assert found == refusal("INVALID_ARGUMENT", REUSED, "COMMAND_ID_REUSED", command_id="c-1")


async def test_an_id_names_one_type_of_command(client: Client) -> None:
    """Another type under the same id is refused."""
    await client.execute(command("hello"), key="c-1")
    other = command("hello", sequence=1)
    other.pages[0].command.Pack(BoolValue(value=True))

    found = await refused(client.execute(other, key="c-1"))

    assert found == refusal("INVALID_ARGUMENT", REUSED, "COMMAND_ID_REUSED", command_id="c-1")


async def test_the_same_id_in_another_domain_is_another_command(client: Client) -> None:
    """Ids are unique per domain."""
    await client.execute(command("hello"), key="c-1")

    response = await client.execute(command("there", domain="inventory"), key="c-1")

    assert words(response.events) == ["there"]


async def test_field_and_metadata_mean_the_same(client: Client) -> None:
    """A newer client's field is repeated by a foreign client's metadata."""
    first = await client.execute(with_command_id(command("hello"), "c-1"))
    again = await client.execute(command("hello"), key="c-1")
    both = await client.execute(with_command_id(command("hello"), "c-1"), key="c-1")

    assert first.events.pages == again.events.pages == both.events.pages


async def test_two_ids_that_differ_are_refused(client: Client) -> None:
    """Field and metadata must agree."""
    found = await refused(client.execute(with_command_id(command("hello"), "c-1"), key="c-2"))

    text = "command_id and idempotency-key differ"
    assert found == refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field="command_id")


@pytest.mark.parametrize("command_id", ["a b", "a,b", "a" * 129])
async def test_an_invalid_id_is_refused(client: Client, command_id: str) -> None:
    """At most 128 of the allowed characters."""
    found = await refused(client.execute(command("hello"), key=command_id))

    text = f"Invalid command id: {command_id}"
    assert found == refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field="command_id")


@pytest.mark.parametrize("command_id", ["A-1._:@/+=", "a" * 128])
async def test_every_allowed_id_is_taken(client: Client, command_id: str) -> None:
    """All characters of the rule, and the longest id."""
    await client.execute(command("hello"), key=command_id)
    again = await client.execute(command("hello"), key=command_id)

    assert words(again.events) == ["hello"]


async def test_a_client_without_ids_is_never_deduplicated(client: Client) -> None:
    """Two equal commands are two commands; only the sequence tells them apart."""
    await client.execute(command("hello"))
    response = await client.execute(command("hello", sequence=1))

    assert [page.num for page in response.events.pages] == [1]
