"""Timers whose time has come (contract.md §4.7): each fires as one append to its process."""

import logging
from contextlib import suppress
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from angzarr import instant, timer_event_id
from angzarr.process_manager_pb2 import ProcessTimeout
from angzarr.types_pb2 import EventPage
from angzarr_coordinator_process_manager._processes import Processes
from angzarr_ports import Metric, MetricKind, System
from angzarr_store import (
    ConflictError,
    EditionDeletedError,
    ProcessBatch,
    StoreUnavailableError,
    Timer,
    TimerGoneError,
)

FIRED = Metric(
    name="angzarr_timers_fired_total",
    help="Timers of processes that have fired.",
    kind=MetricKind.COUNTER,
    labels=("component",),
)
FIRED_EVENT = "timer.fired"
LOOK_SECONDS = 5.0
PAUSE_SECONDS = 0.5

_LOG = logging.getLogger("angzarr.processes")


class Clockwork:
    """Fires what is due, earliest first; a wall clock that jumps is noticed within seconds."""

    def __init__(self, component: str, processes: Processes, system: System) -> None:
        self._component = component
        self._processes = processes
        self._system = system

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            StoreError: the log has another owner, or nobody knows what is stored.
        """
        while True:
            try:
                await self._round()
            except StoreUnavailableError:
                await self._system.clock.sleep(PAUSE_SECONDS)

    async def _round(self) -> None:
        timers = await self._processes.due()
        now = instant(_timestamp(self._system.clock.now()))
        due = [timer for timer in timers if timer.deadline <= now]
        for timer in due:
            await self._fire(timer)
        if not due:
            await self._processes.until_armed(self._seconds(timers[0]) if timers else None)

    def _seconds(self, timer: Timer) -> float:
        left = _time(timer.deadline).ToDatetime(tzinfo=UTC) - self._system.clock.now()
        return min(max(left.total_seconds(), 0.0), LOOK_SECONDS)

    async def _fire(self, timer: Timer) -> None:
        """Record that a timer fires; one that changed meanwhile is looked at again."""
        self._system.faults.at("Q15")
        async with self._processes.hold(timer.key):
            with suppress(TimerGoneError, ConflictError, EditionDeletedError):
                batch = await self._batch(timer)
                appended = await self._processes.append(batch)
                if not appended.repeated:
                    self._system.metrics.count(FIRED, component=self._component)
                    extra = {"correlation_id": timer.correlation_id, "timer": timer.timer_type}
                    _LOG.info(FIRED_EVENT, extra=extra)

    async def _batch(self, timer: Timer) -> ProcessBatch:
        now, due = self._system.clock.now(), _time(timer.deadline)
        process = (timer.key.edition, timer.key.root)
        place = (due.seconds, due.nanos)
        id_ = timer_event_id(self._component, process, timer.timer_type, place)
        _, base = await self._processes.recall(id_, timer.key)
        page = EventPage(num=base, command_id=id_)
        page.created_at.FromDatetime(now)
        page.event.Pack(
            ProcessTimeout(
                correlation_id=timer.correlation_id,
                process_type=self._component,
                timeout_type=timer.timer_type,
                deadline=due,
            )
        )
        return ProcessBatch(
            command_id=id_,
            key=timer.key,
            type_url=page.event.type_url,
            base=base,
            correlation_id=timer.correlation_id,
            created_at=now.isoformat(),
            pages=(page.SerializeToString(),),
            fires=timer,
        )


def _time(deadline: str) -> Timestamp:
    time = Timestamp()
    time.FromJsonString(deadline)
    return time


def _timestamp(now: datetime) -> Timestamp:
    time = Timestamp()
    time.FromDatetime(now)
    return time
