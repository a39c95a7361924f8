"""What logic offers of a process stands for its events."""

from typing import Any

from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerHandleResponse


def decide(request: ProcessManagerHandleRequest) -> ProcessManagerHandleResponse:
    """Record sixty events and offer how many there are."""
    state, response = request.process_state, ProcessManagerHandleResponse()
    known = Int64Value.FromString(state.snapshot.state.value).value + len(state.pages)
    for _ in range(60):
        response.process_events.pages.add(force=True).event.Pack(StringValue(value="x"))
    response.process_events.snapshot_state.Pack(Int64Value(value=known + 60))
    return response


async def test_a_process_is_shown_as_a_snapshot(world: Any) -> None:
    """Logic that has offered one gets it in place of the events in it."""
    world.logic.decide = decide
    await world.start()
    await world.order("one")
    await world.until(lambda: has_events(world, 60))

    await world.order("two", sequence=1)
    await world.until(lambda: has_events(world, 120))

    state = world.logic.asked[-1].process_state
    assert (state.snapshot.sequence, list(state.pages), state.next_sequence) == (59, [], 60)
    assert Int64Value.FromString(state.snapshot.state.value).value == 60


async def test_a_process_with_full_history_is_shown_whole(world: Any) -> None:
    """For logic that counts the pages that it gets."""
    world.logic.decide = decide
    await world.start("--component.history=full")
    await world.order("one")
    await world.until(lambda: has_events(world, 60))

    await world.order("two", sequence=1)
    await world.until(lambda: has_events(world, 120))

    state = world.logic.asked[-1].process_state
    assert (state.HasField("snapshot"), len(state.pages)) == (False, 60)


async def has_events(world: Any, count: int) -> bool:
    """Say whether the process has recorded so many events."""
    return len(await world.process()) == count
