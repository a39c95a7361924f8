"""Queries as of a point in time (contract.md §4.4), by every method of EventQuery."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from typing_extensions import override

from angzarr_ports import SystemClock

from .foreign import Client, command, query, refused
from .world import World

ROOT, OTHER = bytes(range(16)), bytes(16)
METHODS = ("GetEventBook", "GetEvents", "Synchronize")
FLOW = "flow"

each_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
async def filled(client: Client) -> Client:
    """Return a client of a world in which a root has five events of five commands."""
    for sequence in range(5):
        await client.execute(in_flow(command(str(sequence), sequence=sequence)))
    return client


def in_flow(book: Any) -> Any:
    """Return the command as a part of the workflow."""
    book.cover.correlation_id = FLOW
    return book


def as_of(point: int | Timestamp, **by: Any) -> Any:
    """Return a query as of a sequence or a time, of the root unless by something else."""
    asked = query(**(by or {"root": ROOT}))
    if isinstance(point, int):
        asked.temporal.as_of_sequence = point
    else:
        asked.temporal.as_of_time.seconds = point.seconds
        asked.temporal.as_of_time.nanos = point.nanos
    return asked


async def times(client: Client) -> list[Timestamp]:
    """Return when the events were created."""
    (book,) = await client.ask("GetEventBook", query(root=ROOT))
    return [page.created_at for page in book.pages]


def numbers(books: list[Any]) -> list[int]:
    """Return the numbers of all pages."""
    return [page.num for book in books for page in book.pages]


@each_method
@pytest.mark.parametrize(("point", "count"), [(0, 1), (2, 3), (4, 5), (9, 5), (2**32 - 1, 5)])
async def test_a_sequence_is_inclusive(filled: Client, method: str, point: int, count: int) -> None:
    """Every event up to it, and what is past the end is the latest state."""
    assert numbers(await filled.ask(method, as_of(point))) == list(range(count))


@each_method
@pytest.mark.parametrize("last", range(5))
async def test_a_time_is_inclusive(filled: Client, method: str, last: int) -> None:
    """The event that was created at that very time belongs to it."""
    created = (await times(filled))[last]

    assert numbers(await filled.ask(method, as_of(created))) == list(range(last + 1))


@each_method
async def test_before_the_first_event_there_is_none(filled: Client, method: str) -> None:
    """OK, with a cover and no pages."""
    before = Timestamp(seconds=(await times(filled))[0].seconds - 1)

    (book,) = await filled.ask(method, as_of(before))

    assert (book.cover.root.value, list(book.pages)) == (ROOT, [])


@each_method
async def test_a_workflow_has_a_past_as_well(filled: Client, method: str) -> None:
    """The pages that carry the correlation id, up to the point of their root."""
    await filled.execute(in_flow(command("say it", domain="inventory")))
    asked = as_of(1, correlation=FLOW)

    assert numbers(await filled.ask(method, asked)) == [0, 1]
    created = (await times(filled))[2]
    in_time = as_of(created, correlation=FLOW)
    assert numbers(await filled.ask(method, in_time)) == [0, 1, 2]


@each_method
@pytest.mark.parametrize("seconds", [-(10**12), 10**12])
async def test_a_time_that_does_not_exist_is_refused(
    client: Client, method: str, seconds: int
) -> None:
    """Years 1 to 9999, as a Timestamp has them."""
    found = await refused(client.ask(method, as_of(Timestamp(seconds=seconds))))

    text = "as_of_time must be a time in the years 1 to 9999"
    assert (found.code, found.text) == ("INVALID_ARGUMENT", text)
    assert found.metadata["field"] == "temporal.as_of_time"


class JumpingClock(SystemClock):
    """A clock whose wall time is off by as much as it is told."""

    def __init__(self) -> None:
        self.off = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() + self.off


async def test_a_clock_that_jumped_back_hides_nothing(empty_world: World) -> None:
    """As of a time is the longest prefix of the root, whatever the clock said behind it."""
    clock = JumpingClock()
    empty_world.system = replace(empty_world.system, clock=clock)
    await empty_world.start()
    client = empty_world.client
    for sequence, hours in enumerate((0, 10, 5, 15)):
        clock.off = timedelta(hours=hours)
        await client.execute(command(str(sequence), sequence=sequence))

    found = [
        numbers(await client.ask("GetEventBook", as_of(created))) for created in await times(client)
    ]

    assert found == [[0], [0, 1, 2], [0], [0, 1, 2, 3]]
