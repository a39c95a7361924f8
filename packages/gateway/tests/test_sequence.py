"""A stale sequence is refused with what the sender missed (contract.md §4.1 step 8, §6)."""

from typing import Any

import pytest

from .foreign import (
    Client,
    CommandBook,
    EventBook,
    command,
    failure,
    refusal,
    refused,
    status_of,
    words,
)
from .world import World


def mismatch(expected: int, following: int, *, truncated: bool = False) -> Any:
    """Return the refusal of a sequence."""
    text = f"Sequence mismatch: command expects {expected}, aggregate at {following}"
    told = {"expected": str(expected), "next": str(following), "truncated": str(truncated).lower()}
    return refusal("ABORTED", text, "SEQUENCE_MISMATCH", **told)


async def missed(client: Client, sequence: int) -> Any:
    """Return the book in the refusal of a stale command, after a check of its size."""
    status = status_of(await failure(client.execute(command("late", sequence=sequence))))
    book = EventBook()
    assert status.details[1].Unpack(book)
    assert len(status.details) == 2
    assert status.ByteSize() <= 4096
    return book


async def test_a_stale_sequence_is_refused_at_once(world: World) -> None:
    """ABORTED with both numbers; logic is not asked again."""
    await world.client.execute(command("many 3"))

    found = await refused(world.client.execute(command("late", sequence=1)))

    assert found == mismatch(1, 3)
    assert len(world.logic["order"].asked) == 1


async def test_zero_is_no_wildcard(client: Client) -> None:
    """A sender that does not know the root is refused too."""
    await client.execute(command("hello"))

    assert await refused(client.execute(command("again"))) == mismatch(0, 1)


async def test_a_sequence_ahead_is_refused(client: Client) -> None:
    """There is nothing to show: the book has a cover and no pages."""
    found = await refused(client.execute(command("early", sequence=4)))
    book = await missed(client, 4)

    assert found == mismatch(4, 0)
    assert (book.cover.domain, list(book.pages)) == ("order", [])


async def test_the_missed_pages_are_shown(client: Client) -> None:
    """All of them from the expected sequence on, oldest first, as they are stored."""
    await client.execute(command("many 3"))
    stored = await client.execute(command("last", sequence=3))

    book = await missed(client, 2)

    assert [page.num for page in book.pages] == [2, 3]
    (page,) = stored.events.pages
    assert book.pages[1].SerializeToString() == page.SerializeToString()
    assert book.cover.root.value == bytes(range(16))


async def test_at_most_sixteen_pages_are_shown(client: Client) -> None:
    """The rest is to be read; the metadata says that pages are missing."""
    await client.execute(command("many 40"))

    found = await refused(client.execute(command("late", sequence=3)))
    book = await missed(client, 3)

    assert found == mismatch(3, 40, truncated=True)
    assert [page.num for page in book.pages] == list(range(3, 19))


async def test_exactly_sixteen_pages_are_not_truncated(client: Client) -> None:
    """Nothing is missing then."""
    await client.execute(command("many 18"))

    assert await refused(client.execute(command("late", sequence=2))) == mismatch(2, 18)


@pytest.mark.parametrize(("size", "shown"), [(1000, 3), (3500, 1), (5000, 0)])
async def test_large_pages_are_cut_to_four_kilobytes(client: Client, size: int, shown: int) -> None:
    """As many whole pages as fit; the metadata says that pages are missing."""
    for sequence in range(5):
        await client.execute(command(f"padded {size}", sequence=sequence))

    found = await refused(client.execute(command("late")))
    book = await missed(client, 0)

    assert found == mismatch(0, 5, truncated=True)
    assert [page.num for page in book.pages] == list(range(shown))


async def test_an_origin_from_a_client_is_removed(client: Client) -> None:
    """Nobody escapes the check by posing as a saga."""
    await client.execute(command("hello"))
    posing = CommandBook()
    posing.CopyFrom(command("again"))
    posing.saga_origin.saga_name = "saga-order-inventory"
    posing.saga_origin.triggering_aggregate.domain = "order"

    assert await refused(client.execute(posing)) == mismatch(0, 1)


async def test_logic_never_sees_the_origin_of_a_client(world: World) -> None:
    """It is gone before the command is passed on."""
    posing = command("hello")
    posing.saga_origin.saga_name = "saga-order-inventory"

    response = await world.client.execute(posing)

    assert words(response.events) == ["hello"]
    assert not world.logic["order"].asked[0].command.HasField("saga_origin")
