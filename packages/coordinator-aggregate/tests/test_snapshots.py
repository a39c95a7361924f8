"""What logic offers of a root stands for its events, and only for what they add up to."""

import asyncio
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import Int64Value, StringValue
from typing_extensions import override

from angzarr.types_pb2 import BusinessResponse, CommandBook, ContextualCommand, DryRunRequest, Query
from angzarr_log import _snapshots

from .conftest import BareLogic

ROOT = bytes(range(16))


class Counting(BareLogic):
    """Counts the events of a root, each by its weight, and offers the count."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = 1
        self.asked: list[ContextualCommand] = []

    @override
    async def Handle(self, request: ContextualCommand, context: Any) -> BusinessResponse:
        self.asked.append(request)
        word, _, count = StringValue.FromString(
            request.command.pages[0].command.value
        ).value.partition(" ")
        total = Int64Value.FromString(request.events.snapshot.state.value).value
        total += self.weight * len(request.events.pages)
        response = BusinessResponse()
        for number in range(int(count or 1)):
            page = response.events.pages.add(num=request.events.next_sequence + number)
            page.event.Pack(StringValue(value=word))
        added = self.weight * len(response.events.pages)
        response.events.snapshot_state.Pack(Int64Value(value=total + added))
        return response


@pytest.fixture
def bare_logic() -> Counting:
    """Return logic that offers what it knows."""
    return Counting()


@pytest.fixture
def counting(bare_logic: Counting) -> Counting:
    """Return the logic again, under its own name."""
    return bare_logic


def command(text: str, sequence: int) -> CommandBook:
    """Return a command for the root."""
    return CommandBook.to("order", ROOT, StringValue(value=text), sequence=sequence)


async def send(world: Any, text: str, sequence: int) -> None:
    """Send a command and wait until what logic offered is kept, if it is."""
    await world.commands.Handle(command(text, sequence), timeout=10)
    keeping = [it for it in asyncio.all_tasks() if it.get_name().startswith("snapshot ")]
    if keeping:
        await asyncio.wait(keeping)


def shown(logic: Counting) -> tuple[int, list[int]]:
    """Return the count of the snapshot that logic saw last, 0 without one, and the page numbers."""
    events = logic.asked[-1].events
    count = Int64Value.FromString(events.snapshot.state.value).value
    return count, [page.num for page in events.pages]


async def test_a_snapshot_stands_for_its_events(world: Any, counting: Counting) -> None:
    """Once enough events are new; what is stored is read whole as before."""
    await send(world, "add 49", 0)
    await send(world, "add 1", 49)
    before = shown(counting)
    await send(world, "add 2", 50)
    await send(world, "add 1", 52)

    query = Query()
    query.cover.address("order", ROOT)
    book = await world.queries.GetEventBook(query)

    assert before == (0, list(range(49)))
    assert shown(counting) == (50, [50, 51])
    assert counting.asked[-1].events.snapshot.sequence == 49
    assert counting.asked[-1].events.next_sequence == 52
    assert [page.num for page in book.pages] == list(range(53))
    assert not book.HasField("snapshot")


@pytest.mark.parametrize(
    ("point", "seen"), [(48, (0, list(range(49)))), (49, (50, [])), (50, (50, [50]))]
)
async def test_a_snapshot_is_used_at_or_before_a_point(
    world: Any, counting: Counting, point: int, seen: tuple[int, list[int]]
) -> None:
    """A dry run into the time before it reads the events."""
    await send(world, "add 50", 0)
    await send(world, "add 5", 50)
    request = DryRunRequest(command=command("add 1", 0))
    request.point_in_time.as_of_sequence = point

    response = await world.commands.DryRunHandle(request)

    assert shown(counting) == seen
    assert [page.num for page in response.events.pages] == [point + 1]


@pytest.mark.parametrize("flags", [["--component.history=full"]])
async def test_full_history_shows_every_event(world: Any, counting: Counting) -> None:
    """For logic that numbers pages by counting those that it got."""
    await send(world, "add 60", 0)
    await send(world, "add 1", 60)

    assert shown(counting) == (0, list(range(60)))


async def test_a_snapshot_that_is_wrong_is_forgotten(
    world: Any, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logic that adds up otherwise than before gets the events, and then a snapshot anew."""
    monkeypatch.setattr(_snapshots, "AUDITED_SHARE", 1.0)
    await send(world, "add 50", 0)
    counting.weight = 2

    await send(world, "add 50", 50)
    await send(world, "add 1", 100)
    whole = shown(counting)
    await send(world, "add 1", 101)

    assert whole == (0, list(range(100)))
    assert shown(counting) == (202, [])
