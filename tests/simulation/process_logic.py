"""A process manager for simulated systems: what it does with an event is written in its bytes."""

from angzarr import type_name
from angzarr.process_manager_pb2 import (
    ProcessManagerHandleRequest,
    ProcessManagerHandleResponse,
    ProcessManagerPrepareRequest,
    ProcessManagerPrepareResponse,
    ProcessTimeout,
)
from angzarr.types_pb2 import Cover, EventPage
from angzarr_client import TryAgainError
from angzarr_service import Call

from .folds import shown, state_of, value_of
from .shop_logic import Kind, Order, Reacting, SilentError, root_of, sent

STEPPED = "type.googleapis.com/sim.Stepped"
TIMEOUT = ProcessTimeout.DESCRIPTOR.full_name
LATE = Order(kind=Kind.NOISE, events=1, fanout=0, tag=1)
SECONDS = (0.05, 0.3, 1.0, 2.0)


def plan_of(page: EventPage) -> tuple[int, int, tuple[str, ...], tuple[str, ...]]:
    """Return what an event leads to: commands, pages, timers that are set, and cancelled."""
    name = type_name(page.event.type_url)
    if name == TIMEOUT:
        kind = ProcessTimeout.FromString(page.event.value).timeout_type
        return 1, 1, (("last",) if kind == "first" else ()), ()
    if name != "sim.Done":
        return 0, 1, (), ()
    order = Order.decode(page.event.value)
    armed = ((), ("first",), ("second",), ("first", "second"))[order.tag % 4]
    cancelled = ("first",) if order.tag % 5 == 0 and "first" not in armed else ()
    return order.fanout, 1 + order.tag % 2, armed, cancelled


class ProcessManager(Reacting):
    """Answers by what an event says."""

    kind = "process_manager"
    service = "angzarr.ProcessManager"

    async def Prepare(  # noqa: N802 - the name on the wire
        self, request: ProcessManagerPrepareRequest, _: Call
    ) -> ProcessManagerPrepareResponse:
        """Ask for one destination of every third event."""
        self._asked(self.name, request.trigger)
        covers = [Cover(domain="stock")] if request.new_from % 3 == 0 else []
        for cover in covers:
            cover.root.value = root_of(request.new_from % self._roots)
        return ProcessManagerPrepareResponse(destinations=covers)

    async def Handle(  # noqa: N802 - the name on the wire
        self, request: ProcessManagerHandleRequest, _: Call
    ) -> ProcessManagerHandleResponse:
        """Return events, commands and timers."""
        await self._mood.hesitate()
        page = request.trigger.pages[-1]
        is_order = type_name(page.event.type_url) == "sim.Done"
        order = Order.decode(page.event.value) if is_order else LATE
        if self._mood.poisons(order):
            raise SilentError("poison").as_call_error()
        if self._mood.is_struck("error"):
            raise TryAgainError("not now").as_call_error()
        self._calls += 1
        response = ProcessManagerHandleResponse()
        commands, pages, armed, cancelled = plan_of(page)
        for index in range(commands):
            response.commands.append(sent(order, index, self._roots, self._calls))
        state, book = state_of(request.process_state), response.process_events
        for index in range(pages):
            added = book.pages.add(num=request.process_state.next_sequence + index)
            added.event.type_url = STEPPED
            added.event.value = value_of(order.encode(), index, state)
        if self._mood.offers:
            shown(book, state)
        for name in armed:
            timer = response.timers.add(timer_type=name)
            timer.after.FromMilliseconds(int(1000 * SECONDS[order.tag % len(SECONDS)]))
        response.cancelled_timers.extend(cancelled)
        return response
