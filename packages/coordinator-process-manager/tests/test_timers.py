"""Timers of processes: armed, listed, cancelled, fired."""

from typing import Any

import grpc
import pytest

from angzarr import process_root
from angzarr.timer_pb2 import CancelTimerRequest, ListTimersRequest
from angzarr_ports import SystemMetrics

from .world import FLOW, NAME, answer, fired, sending, text_of


async def test_a_timer_survives_a_restart_and_fires(world: Any) -> None:
    """It is stored with the decision; what it leads to is sent."""
    world.logic.decide = lambda it: sending("late") if fired(it) else answer("seen", pay=3)
    await world.start()
    await world.order("one")
    await world.until(lambda: has(world.process(), ["seen"]))
    await world.stop(NAME)
    await world.start_manager()

    await world.until(lambda: has(world.stock(), ["late"]))

    assert await world.process() == ["seen", "timeout pay"]
    assert isinstance(world.system.metrics, SystemMetrics)
    names = {it.metric.name for it in world.system.metrics.collect()}
    assert "angzarr_timers_fired_total" in names


async def test_timers_are_listed_by_deadline_and_cancelled(world: Any) -> None:
    """Page by page; one that is cancelled does not come again."""
    world.logic.decide = lambda _: answer("seen", pay=90, pick=30, ship=60)
    await world.start()
    await world.order("one")
    await world.until(lambda: has(world.process(), ["seen"]))

    first = await world.timers.List(ListTimersRequest(page_size=2, correlation_id=FLOW))
    rest = await world.timers.List(ListTimersRequest(page_token=first.next_page_token))
    request = CancelTimerRequest(timer_type="pay", component=NAME)
    request.cover.correlation_id = FLOW
    cancelled = [(await world.timers.Cancel(request)).cancelled for _ in range(2)]
    left = await world.timers.List(ListTimersRequest())

    assert [it.timer_type for it in (*first.timers, *rest.timers)] == ["pick", "ship", "pay"]
    assert cancelled == [True, False]
    assert [it.timer_type for it in left.timers] == ["pick", "ship"]
    shown = left.timers[0]
    assert (shown.component, shown.cover.domain, shown.cover.correlation_id) == (NAME, NAME, FLOW)
    assert shown.cover.root.value == process_root(FLOW).bytes
    assert shown.set_at.seconds + 30 in range(
        shown.deadline.seconds - 1, shown.deadline.seconds + 2
    )


async def test_what_is_asked_of_timers_is_checked(world: Any) -> None:
    """Another component, a token of somebody else, no process, no type."""
    await world.start()
    anywhere = CancelTimerRequest(timer_type="pay")
    nothing = CancelTimerRequest()
    nothing.cover.correlation_id = FLOW
    foreign = ListTimersRequest()
    foreign.page_token = "!"  # noqa: S105 - not a password
    for method, request, text in (
        ("List", ListTimersRequest(component="x"), "No component: x"),
        ("List", foreign, "page_token must come from"),
        ("Cancel", anywhere, "must have a root UUID or correlation_id"),
        ("Cancel", nothing, "must have a timer_type"),
    ):
        with pytest.raises(grpc.aio.AioRpcError, match=text):
            await getattr(world.timers, method)(request, wait_for_ready=True)


async def test_configured_timers_serve_logic_that_sets_none(world: Any) -> None:
    """Each append arms them, an event in `until` disarms, a firing does not arm again."""
    words = {"one": answer("seen"), "paid": answer("settled")}
    world.logic.decide = lambda it: answer("noted") if fired(it) else words[flow_word(it)]
    told = '{"pay": {"after": 0.2}, "ship": {"after": 90, "until": ["StringValue"]}}'
    await world.start(f"--component.timeouts={told}")
    await world.order("one")

    await world.until(lambda: has(world.process(), ["seen", "timeout pay", "noted"]))

    assert (await world.timers.List(ListTimersRequest())).timers == []


@pytest.mark.parametrize(
    ("timer", "text"), [("pay now", "Invalid timer type: pay now"), ("pay", "is due at no time")]
)
async def test_a_timer_that_makes_no_sense_parks_the_event(
    world: Any, timer: str, text: str
) -> None:
    """Nothing of the decision is stored."""
    reply = answer("seen", **{timer: 1})
    if timer == "pay":
        reply.timers[0].deadline.seconds = 1 << 60
    world.logic.decide = lambda _: reply
    await world.start()
    await world.order("one")

    await world.until(lambda: is_parked(world))

    (letter,) = await world.letters()
    assert letter.reason == "LOGIC_REPLY_INVALID"
    assert text in letter.status.message
    assert await world.process() == []


def flow_word(request: Any) -> str:
    """Return the word of the event that the process is shown."""
    return text_of(request.trigger.pages[-1].event)


async def has(found: Any, wanted: list[str]) -> bool:
    """Say whether something is as it should be."""
    return list(await found) == wanted


async def is_parked(world: Any) -> bool:
    """Say whether there is a letter."""
    return bool(await world.letters())
