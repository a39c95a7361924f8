"""What logic answered becomes one append (contract.md §4.7 steps 3, 6 and 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from angzarr import decision_id, instant, is_edition_name, type_matches
from angzarr.process_manager_pb2 import ProcessManagerHandleResponse, ProcessTimeout
from angzarr.timer_pb2 import TimerRequest
from angzarr.types_pb2 import CommandBook, EventBook, EventPage, Target
from angzarr_delivery import FailedError, Occurrence
from angzarr_dispatch import Decision, InvalidDecisionError, SourceEvent
from angzarr_log import ReplyRule
from angzarr_reaction import check_count, invalid_reply
from angzarr_service import RequestError, encoded_status
from angzarr_settings import TimeoutSettings
from angzarr_store import ProcessBatch, Reaction, RootKey, SaveReaction, Timer

TIMEOUT = ProcessTimeout.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who the process manager is, what it may send (none means all) and record, what times out."""

    component: str
    outputs: tuple[Target, ...]
    reply: ReplyRule
    limit_commands: int
    limit_destinations: int
    timeouts: Mapping[str, TimeoutSettings]

    def id_of(self, event: Occurrence) -> str:
        """Return the id under which the decision on an event is stored."""
        cover = event.book.cover
        place = (cover.domain, cover.edition_name, cover.root.value, event.sequence)
        return decision_id(self.component, place)

    def source(self, event: Occurrence) -> SourceEvent:
        """Return the event as the commands name it."""
        return SourceEvent(
            component=self.component,
            cover=event.book.cover,
            sequence=event.sequence,
            position=event.position,
        )

    def reactions(
        self, response: ProcessManagerHandleResponse, source: SourceEvent
    ) -> tuple[Reaction, ...]:
        """Return the commands of a reply, stamped and checked.

        Raises:
            FailedError: there are too many, or one of them may not be sent.
        """
        check_count("commands", len(response.commands), self.limit_commands)
        try:
            return Decision.of(response.commands, source, self.outputs).reactions
        except InvalidDecisionError as error:
            raise invalid_reply(error.why) from error

    def batch(
        self,
        event: Occurrence,
        state: EventBook,
        response: ProcessManagerHandleResponse,
        now: datetime,
    ) -> ProcessBatch:
        """Return everything that a reply says, as one append.

        Raises:
            FailedError: a rule is broken; nothing may be stored.
        """
        reactions = self.reactions(response, self.source(event))
        pages = self._pages(event, state, response.process_events, now)
        cover = state.cover
        key = RootKey(edition=cover.edition_name, root=cover.root.value)
        deadlines = self._deadlines(event, pages, response, now)
        armed = {name: it for name, it in deadlines.items() if it}
        return ProcessBatch(
            command_id=self.id_of(event),
            key=key,
            type_url=event.book.pages[0].event.type_url,
            base=state.next_sequence,
            correlation_id=cover.correlation_id,
            created_at=now.isoformat(),
            pages=tuple(page.SerializeToString() for page in pages),
            lease=event.lease,
            changes=tuple(SaveReaction(reaction=it) for it in reactions),
            disarmed=tuple(name for name in deadlines if name not in armed),
            armed=tuple(
                Timer(
                    key=key,
                    timer_type=name,
                    correlation_id=cover.correlation_id,
                    deadline=deadline,
                    set_at=now.isoformat(),
                )
                for name, deadline in armed.items()
            ),
        )

    def _pages(
        self, event: Occurrence, state: EventBook, reply: EventBook, now: datetime
    ) -> list[EventPage]:
        """Number the pages; a root in the reply is not looked at, the process has only one."""
        reply.cover.ClearField("root")
        command = CommandBook(cover=state.cover, command_id=self.id_of(event))
        try:
            return self.reply.pages(reply, command, state.next_sequence, now)
        except RequestError as error:
            raise FailedError(encoded_status(error), error.reason, final=True) from error

    def _deadlines(
        self,
        event: Occurrence,
        pages: Sequence[EventPage],
        response: ProcessManagerHandleResponse,
        now: datetime,
    ) -> dict[str, str]:
        """Return the deadline of every timer that is set, "" of one that is cancelled."""
        changed = self._configured(event, pages, now) if pages else {}
        changed |= dict.fromkeys(map(checked, response.cancelled_timers), "")
        return changed | {checked(it.timer_type): deadline_of(now, it) for it in response.timers}

    def _configured(
        self, event: Occurrence, pages: Sequence[EventPage], now: datetime
    ) -> dict[str, str]:
        """Return what the settings say of the timers, when pages are appended."""
        types = [it.event.type_url for it in (event.book.pages[0], *pages)]
        fired = event.book.pages[0].timeout_type
        changed: dict[str, str] = {}
        for name, it in self.timeouts.items():
            if any(type_matches(until, found) for until in it.until for found in types):
                changed[name] = ""
            elif name != fired:
                changed[name] = instant(_timestamp(now + timedelta(seconds=it.after)))
        return changed


def deadline_of(now: datetime, request: TimerRequest) -> str:
    """Return when a timer is due.

    Raises:
        FailedError: it says no time, or one that does not exist.
    """
    due = request.WhichOneof("due")
    if due is None:
        raise invalid_reply(f"timer {request.timer_type} has neither a deadline nor a duration")
    try:
        if due == "after":
            return instant(_timestamp(now + request.after.ToTimedelta()))
        return instant(request.deadline)
    except (ValueError, OverflowError) as error:
        raise invalid_reply(f"timer {request.timer_type} is due at no time: {error}") from error


def checked(timer_type: str) -> str:
    """Return the type of a timer.

    Raises:
        FailedError: it is none.
    """
    if not is_edition_name(timer_type):
        raise invalid_reply(f"Invalid timer type: {timer_type}")
    return timer_type


def _timestamp(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp
