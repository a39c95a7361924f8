"""A process manager in a whole system, in virtual time."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from google.protobuf.wrappers_pb2 import BoolValue, Int64Value, StringValue

from angzarr import process_root
from angzarr.process_manager_pb2 import ProcessTimeout
from angzarr.types_pb2 import CommandBook, RevokeEventCommand
from angzarr_client import (
    CommandRejectedError,
    CommandRouter,
    Decision,
    EventContext,
    ProcessRouter,
    StateRouter,
)
from angzarr_testing import RuntimeBuilder, World, given

ROOT = UUID(int=7)
LATE = timedelta(seconds=30)


def shop() -> CommandRouter:
    """Return an aggregate that opens, pays and closes; closing what is paid is refused."""
    fold = StateRouter(StringValue)
    router = CommandRouter("shop", fold)

    @fold.on
    def told(state: StringValue, event: StringValue) -> None:
        state.value = event.value

    @router.on
    def tell(command: StringValue, state: StringValue) -> StringValue:
        if state.value == "paid" and command.value == "closed":
            raise CommandRejectedError("It is paid")
        return command

    return router


def watcher(*, takes_back: bool = False) -> ProcessRouter:
    """Return a process that closes what is opened and not paid in time; its state counts."""
    fold = StateRouter(Int64Value)
    router = ProcessRouter("watch", fold).listens("shop", StringValue).sends("shop", StringValue)

    @fold.on
    def noted(state: Int64Value, _event: BoolValue) -> None:
        state.value += 1

    @router.on
    def told(event: StringValue, state: Int64Value, context: EventContext) -> Decision | None:
        if event.value == "opened" and not state.value:
            return Decision(events=[BoolValue(value=True)], arm={"pay": context.now + LATE})
        if event.value == "paid" and state.value == 1:
            return Decision(events=[BoolValue(value=True)], disarm=["pay"])
        return None

    @router.on_timer("pay")
    def late(_timeout: ProcessTimeout, _state: Int64Value, _: EventContext) -> Decision:
        close = CommandBook.to("shop", ROOT, StringValue(value="closed"))
        return Decision(commands=[close])

    if takes_back:
        router.listens("watch", RevokeEventCommand)

        @router.on
        def refused(_event: RevokeEventCommand) -> Decision:
            return Decision(events=[BoolValue(value=False)])

    return router


def tell(word: str, sequence: int = 0) -> CommandBook:
    """Return a command to the shop."""
    book = CommandBook.to("shop", ROOT, StringValue(value=word), sequence=sequence)
    book.cover.correlation_id = "flow"
    return book


async def rested(world: World, domain: str, root: UUID, count: int) -> list[object]:
    """Return the events of a root as soon as there are so many."""
    while len(found := await world.events(domain, root)) < count:
        await world.settled(timeout_seconds=100)
    return list(found)


def simulated(
    scenario: Callable[[World], Awaitable[list[object]]], *, takes_back: bool
) -> list[object]:
    """Run a scenario in virtual time."""
    builder = RuntimeBuilder(seed=3).add(shop(), watcher(takes_back=takes_back))
    return builder.simulate(scenario)


def test_what_is_not_paid_in_time_is_closed() -> None:
    """The timer fires when it is due, once; its command takes effect."""

    async def scenario(world: World) -> list[object]:
        await world.send(tell("opened"))
        found = await rested(world, "shop", ROOT, 2)
        process = await world.events("watch", process_root("flow"))
        return [*found, *process]

    opened, closed, noted, timeout = simulated(scenario, takes_back=False)

    assert [opened, closed] == [StringValue(value="opened"), StringValue(value="closed")]
    assert noted == BoolValue(value=True)
    assert isinstance(timeout, ProcessTimeout)
    assert (timeout.timeout_type, timeout.correlation_id) == ("pay", "flow")


def test_a_refusal_comes_back_to_a_process_that_wants_it() -> None:
    """Its own stream gets the rejection, and the process reacts to it."""

    async def scenario(world: World) -> list[object]:
        await world.send(tell("opened"))
        paid = tell("paid", 1)
        paid.cover.correlation_id = "another"
        await world.send(paid)
        return await rested(world, "watch", process_root("flow"), 4)

    noted, timeout, rejection, back = simulated(scenario, takes_back=True)

    assert noted == BoolValue(value=True)
    assert isinstance(timeout, ProcessTimeout)
    assert isinstance(rejection, RevokeEventCommand)
    assert rejection.rejection_reason == "It is paid"
    assert back == BoolValue(value=False)


async def test_a_process_works_over_real_sockets() -> None:
    """What is paid in time disarms its timer."""
    async with RuntimeBuilder().add(shop(), watcher()).start() as world:
        await world.send(tell("opened"))
        await world.send(tell("paid", 1))
        await world.settled()

        assert await world.events("watch", process_root("flow")) == [BoolValue(value=True)] * 2


def test_a_case_shows_events_and_lets_time_pass() -> None:
    """Events, commands and timers are compared; a timer fires once, unless it is disarmed."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    close = CommandBook.to("shop", ROOT, StringValue(value="closed"))

    case = given(watcher(), root=ROOT, now=now).when(StringValue(value="opened"))
    case.then(events=[BoolValue(value=True)], armed={"pay": now + LATE})
    case.after(29).then_nothing().after(1).then(commands=[close]).after(99).then_nothing()
    paid = given(watcher(), root=ROOT).when(StringValue(value="opened"))
    paid.when(StringValue(value="paid")).then(events=[BoolValue(value=True)], disarmed=["pay"])
    paid.after(99).then_nothing()

    with pytest.raises(AssertionError, match="commands"):
        paid.after(99).then(commands=[close])


def test_a_wrong_case_says_what_differs() -> None:
    """A timer that is due at another time, and an event that nobody listens to."""
    case = given(watcher(), root=ROOT).when(StringValue(value="opened"))

    with pytest.raises(AssertionError, match="timers"):
        case.then(events=[BoolValue(value=True)], armed={"ship": datetime(2026, 1, 2, tzinfo=UTC)})
    with pytest.raises(ValueError, match="watch does not listen to"):
        case.when(BoolValue())


def test_a_process_that_counts_deliveries_is_found_out() -> None:
    """An event that comes twice must not be recorded twice."""
    router = ProcessRouter("count", StateRouter(Int64Value)).listens("shop", StringValue)

    @router.on
    def told(_event: StringValue) -> Decision:
        return Decision(events=[BoolValue(value=True)])

    with pytest.raises(AssertionError, match="when the trigger comes again"):
        given(router).when(StringValue())
