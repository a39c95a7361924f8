"""Cases of a process manager: its history, an event or a while, what it does."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from google.protobuf.message import Message

from angzarr import process_root
from angzarr.process_manager_pb2 import (
    ProcessManagerHandleRequest,
    ProcessManagerHandleResponse,
    ProcessManagerPrepareRequest,
    ProcessTimeout,
)
from angzarr.types_pb2 import CommandBook, EventBook
from angzarr_client import ProcessRouter
from angzarr_service import Call
from angzarr_testing._books import Books, Destinations, histories
from angzarr_testing._difference import check

CALL = Call(deadline=float("inf"), idempotency_key="")
CORRELATION = "test"


class ProcessCase:
    """Shows a process events and lets time pass; each step goes on where the one before ended."""

    def __init__(
        self,
        router: ProcessRouter,
        root: UUID,
        events: Sequence[Message],
        now: datetime,
        modes: tuple[str, ...],
    ) -> None:
        self._router = router
        self._root = root
        self._now = now
        self._modes = modes
        self._own = list(events)
        self._timers: dict[str, datetime] = {}
        self._destinations = Destinations(now)
        self._seen: dict[tuple[str, UUID], list[Message]] = {}
        self._answer = ProcessManagerHandleResponse()

    def destination(self, domain: str, root: UUID, *events: Message) -> Self:
        """Give a root of another domain a history."""
        self._destinations.add(domain, root, *events)
        return self

    def when(self, event: Message, *, root: UUID | None = None) -> Self:
        """Show an event of the domain that the process listens to for it."""
        place = (self._domain(event), root or self._root)
        seen = self._seen.setdefault(place, [])
        seen.append(event)
        history = Books(*place, self._now).events(*seen)
        self._step(EventBook(cover=history.cover, pages=history.pages[-1:]))
        return self

    def after(self, seconds: float) -> Self:
        """Let time pass; timers due meanwhile fire, and `then` sees what the last of them does."""
        end = self._now + timedelta(seconds=seconds)
        self._answer = ProcessManagerHandleResponse()
        while due := [it for it in self._timers.items() if it[1] <= end]:
            name, self._now = min(due, key=lambda it: it[1])
            del self._timers[name]
            timeout = ProcessTimeout(
                correlation_id=CORRELATION, process_type=self._router.name, timeout_type=name
            )
            timeout.deadline.FromDatetime(self._now)
            self._own.append(timeout)
            history = self._history()
            self._step(EventBook(cover=history.cover, pages=history.pages[-1:]))
        self._now = end
        return self

    @property
    def events(self) -> list[Message]:
        """Return what the last step recorded."""
        return self._recorded(self._answer)

    @property
    def commands(self) -> list[CommandBook]:
        """Return what the last step sends, without what is the framework's."""
        return [Destinations.bare(it) for it in self._answer.commands]

    def then(
        self,
        *,
        events: Sequence[Message] = (),
        commands: Sequence[CommandBook] = (),
        armed: Mapping[str, datetime] | None = None,
        disarmed: Sequence[str] = (),
    ) -> Self:
        """Expect exactly this; `armed` says when each timer is due."""
        check("events", "plain", self.events, events)
        check("commands", "plain", self.commands, commands)
        got = (_deadlines(self._now, self._answer), [*self._answer.cancelled_timers])
        if got != (armed or {}, [*disarmed]):
            text = f"expected: {armed or {}}, disarmed {[*disarmed]}"
            raise AssertionError(f"timers (plain)\n  {text}\n  got: {got[0]}, disarmed {got[1]}")
        return self

    def then_nothing(self) -> Self:
        """Expect that the process does nothing."""
        return self.then()

    def _step(self, trigger: EventBook) -> None:
        history = self._history()
        self._answer = self._decide(trigger, history)
        for mode, book in histories(self._router, history):
            if "snapshot" in self._modes and self._decide(trigger, book) != self._answer:
                raise AssertionError(f"the process decides differently ({mode})")
        self._own += self.events
        if "twice" in self._modes:
            self._check_repeat(trigger, history)
        for name in self._answer.cancelled_timers:
            self._timers.pop(name, None)
        self._timers.update(_deadlines(self._now, self._answer))

    def _check_repeat(self, trigger: EventBook, history: EventBook) -> None:
        """Call the handler again, then deliver the trigger again to what it has led to."""
        if self._decide(trigger, history) != self._answer:
            raise AssertionError("the process decides differently when it is asked twice")
        again = self._recorded(self._decide(trigger, self._history()))
        check("events when the trigger comes again", "twice", again, [])

    def _recorded(self, answer: ProcessManagerHandleResponse) -> list[Message]:
        return [self._router.fold.parse(it.event) for it in answer.process_events.pages]

    def _decide(self, trigger: EventBook, history: EventBook) -> ProcessManagerHandleResponse:
        return asyncio.run(self._asked(trigger, history))

    async def _asked(self, trigger: EventBook, history: EventBook) -> ProcessManagerHandleResponse:
        new = trigger.pages[-1].num
        prepare = ProcessManagerPrepareRequest(trigger=trigger, process_state=history, new_from=new)
        prepared = await self._router.Prepare(prepare, CALL)
        books = self._destinations.books(prepared.destinations)
        request = ProcessManagerHandleRequest(
            trigger=trigger, process_state=history, destinations=books, new_from=new
        )
        return await self._router.decide(request)

    def _history(self) -> EventBook:
        root = process_root(CORRELATION)
        return Books(self._router.name, root, self._now).events(*self._own)

    def _domain(self, event: Message) -> str:
        """Return the domain of an event.

        Raises:
            ValueError: the process does not listen to it.
        """
        name = event.DESCRIPTOR.full_name
        for target in self._router.descriptor.inputs:
            if name in target.types:
                return target.domain
        raise ValueError(f"{self._router.name} does not listen to {name}")


def _deadlines(now: datetime, answer: ProcessManagerHandleResponse) -> dict[str, datetime]:
    return {
        it.timer_type: now + it.after.ToTimedelta()
        if it.HasField("after")
        else it.deadline.ToDatetime(tzinfo=UTC)
        for it in answer.timers
    }
