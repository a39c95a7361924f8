"""Cases of a process manager: its history, an event or a while, what it does."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
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
from angzarr_testing._books import Books, histories
from angzarr_testing._difference import check, shown

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
        self._known: dict[tuple[str, bytes], EventBook] = {}
        self._seen: dict[tuple[str, UUID], list[Message]] = {}
        self._answer = ProcessManagerHandleResponse()

    def destination(self, domain: str, root: UUID, *events: Message) -> Self:
        """Give a root of another domain a history."""
        self._known[domain, root.bytes] = Books(domain, root, self._now).events(*events)
        return self

    def when(self, event: Message, *, root: UUID | None = None) -> Self:
        """Show an event of the domain that the process listens to for it."""
        place = (self._domain(event), root or self._root)
        seen = self._seen.setdefault(place, [])
        seen.append(event)
        books = Books(*place, self._now)
        self._step(books.single(books.events(*seen), len(seen) - 1))
        return self

    def after(self, seconds: float) -> Self:
        """Let time pass; the timers that are due meanwhile fire, earliest first.

        What the last of them leads to is what the process then did; without one, nothing.
        """
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
            self._step(self._books().single(history, len(self._own) - 1))
        self._now = end
        return self

    def then(
        self,
        *,
        events: Sequence[Message] = (),
        commands: Sequence[CommandBook] = (),
        armed: Collection[str] | Mapping[str, datetime] = (),
        disarmed: Collection[str] = (),
    ) -> Self:
        """Expect exactly this; of timers their names, with a mapping also when they are due."""
        pages = self._answer.process_events.pages
        check("events", "plain", [self._router.fold.parse(it.event) for it in pages], events)
        check("commands", "plain", [_bare(it) for it in self._answer.commands], commands)
        found = _deadlines(self._answer, self._now)
        wanted = dict(armed) if isinstance(armed, Mapping) else dict.fromkeys(armed)
        got = found if isinstance(armed, Mapping) else dict.fromkeys(found)
        cancelled = sorted(self._answer.cancelled_timers)
        if (got, cancelled) != (wanted, sorted(disarmed)):
            expected = f"{wanted} armed, {sorted(disarmed)} disarmed"
            lines = ["timers (plain)", f"expected: {expected}", f"got: {got} armed, {cancelled}"]
            raise AssertionError("\n  ".join(lines))
        return self

    def then_nothing(self) -> Self:
        """Expect that the process does nothing."""
        return self.then()

    def then_state(self, state: Message) -> Self:
        """Expect this state after all steps so far."""
        check("state", "plain", [self._router.fold.fold(self._history())], [state])
        return self

    def _step(self, trigger: EventBook) -> None:
        history = self._history()
        self._answer = self._decide(trigger, history)
        for mode, book in histories(self._router, history):
            if "snapshot" in self._modes and self._decide(trigger, book) != self._answer:
                raise AssertionError(f"the process decides differently ({mode})")
        events = [self._router.fold.parse(it.event) for it in self._answer.process_events.pages]
        self._own += events
        if "twice" in self._modes:
            self._check_repeat(trigger, history)
        for name in self._answer.cancelled_timers:
            self._timers.pop(name, None)
        self._timers.update(_deadlines(self._answer, self._now))

    def _check_repeat(self, trigger: EventBook, history: EventBook) -> None:
        """Call the handler again, then deliver the trigger again to what it has led to."""
        if self._decide(trigger, history) != self._answer:
            raise AssertionError("the process decides differently when it is asked twice")
        again = self._decide(trigger, self._history())
        if again.process_events.pages:
            lines = shown([self._router.fold.parse(it.event) for it in again.process_events.pages])
            text = "\n  ".join(["the process records more when the event comes twice", *lines])
            raise AssertionError(text)

    def _decide(self, trigger: EventBook, history: EventBook) -> ProcessManagerHandleResponse:
        return asyncio.run(self._asked(trigger, history))

    async def _asked(self, trigger: EventBook, history: EventBook) -> ProcessManagerHandleResponse:
        new = trigger.pages[-1].num
        prepare = ProcessManagerPrepareRequest(trigger=trigger, process_state=history, new_from=new)
        prepared = await self._router.Prepare(prepare, CALL)
        books = [
            self._known.get((cover.domain, cover.root.value))
            or Books(cover.domain, cover.root.uuid, self._now).events()
            for cover in prepared.destinations
        ]
        request = ProcessManagerHandleRequest(
            trigger=trigger, process_state=history, destinations=books, new_from=new
        )
        return await self._router.decide(request)

    def _books(self) -> Books:
        return Books(self._router.name, process_root(CORRELATION), self._now)

    def _history(self) -> EventBook:
        return self._books().events(*self._own)

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


def _deadlines(answer: ProcessManagerHandleResponse, now: datetime) -> dict[str, datetime]:
    return {
        it.timer_type: now + it.after.ToTimedelta()
        if it.HasField("after")
        else it.deadline.ToDatetime(tzinfo=UTC)
        for it in answer.timers
    }


def _bare(command: CommandBook) -> CommandBook:
    bare = CommandBook()
    bare.CopyFrom(command)
    bare.cover.correlation_id = ""
    for page in bare.pages:
        page.sequence = 0
    return bare
