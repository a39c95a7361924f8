"""angzarr.Timers, each method named as on the wire."""

from datetime import datetime

from angzarr.timer_pb2 import (
    CancelTimerRequest,
    CancelTimerResponse,
    ListTimersRequest,
    ListTimersResponse,
)
from angzarr.timer_pb2 import Timer as TimerMessage
from angzarr_coordinator_process_manager._processes import Processes
from angzarr_service import Call, RequestError, refuse
from angzarr_store import EventLog, RootKey, Timer


class Timers:
    """What is due to the processes of one component."""

    def __init__(self, component: str, log: EventLog, processes: Processes) -> None:
        self._component = component
        self._log = log
        self._processes = processes

    async def List(self, request: ListTimersRequest, _call: Call) -> ListTimersResponse:  # noqa: N802 - the name on the wire
        """Return one page of the timers by deadline, with a correlation id of one process."""
        refuse(request.fault())
        self._check(request.component)
        correlation = request.correlation_id
        root = self._processes.key_of("", correlation).root if correlation else b""
        after = request.after(self._component)
        found = await self._log.timers(after=after, root=root, limit=request.limit + 1)
        shown = [self._shown(timer) for timer in found[: request.limit]]
        token = shown[-1].page_token if len(found) > request.limit else ""
        return ListTimersResponse(timers=shown, next_page_token=token)

    async def Cancel(self, request: CancelTimerRequest, _call: Call) -> CancelTimerResponse:  # noqa: N802 - the name on the wire
        """Remove a timer; say whether there was one."""
        refuse(request.fault())
        self._check(request.component)
        key = RootKey(edition=request.cover.edition_name, root=request.process)
        return CancelTimerResponse(cancelled=await self._log.cancel_timer(key, request.timer_type))

    def _check(self, component: str) -> None:
        if component not in {"", self._component}:
            text = f"No component: {component}"
            raise RequestError("UNKNOWN_COMPONENT", text, component=component)

    def _shown(self, timer: Timer) -> TimerMessage:
        shown = TimerMessage(component=self._component, timer_type=timer.timer_type)
        shown.cover.address(
            self._log.domain,
            timer.key.root,
            edition=timer.key.edition,
            correlation=timer.correlation_id,
        )
        shown.deadline.FromJsonString(timer.deadline)
        shown.set_at.FromDatetime(datetime.fromisoformat(timer.set_at))
        return shown
