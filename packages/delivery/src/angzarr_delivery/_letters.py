"""Failures that survive a restart: counted attempts and parked events (reliability.md §3)."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from angzarr.types_pb2 import CommandBook
from angzarr_delivery._committer import Committer
from angzarr_delivery._errors import FailedError, HaltedError
from angzarr_delivery._lanes import Pending
from angzarr_ports import System
from angzarr_store import (
    BEHIND,
    Backlog,
    Change,
    DropLetter,
    ForgetReactions,
    Lease,
    Letter,
    LetterKind,
    LetterState,
    RootKey,
    SaveLetter,
)

LETTERS_LIMIT = 100_000
UNKNOWN = frozenset({"OUTCOME_UNKNOWN", "UPSTREAM_UNAVAILABLE"})
RETRIED = "delivery.retried"
PARKED = "delivery.parked"
REPLAYED = "delivery.replayed"

_LOG = logging.getLogger("angzarr.delivery")


class Letters:
    """The letters of one subscription; a parked root keeps its later events behind it."""

    def __init__(
        self, lease: Lease, backlog: Backlog, committer: Committer, system: System
    ) -> None:
        self.lease = lease
        self._committer = committer
        self._system = system
        held = [it for it in backlog.letters if it.is_open]
        self._open = Counter(it.key for it in held)
        self._since: dict[RootKey, str] = {}
        for letter in held:
            self._since.setdefault(letter.key, letter.parked_at)
        self.open_count = len(held)
        self._unknown: set[int] = set()
        self._attempts = {
            it.position: it.attempts for it in backlog.letters if it.state is LetterState.RETRYING
        }

    @property
    def roots_count(self) -> int:
        """Return how many roots letters hold."""
        return len(self._open)

    @property
    def parked_since(self) -> float:
        """Return the wall time in seconds at which the oldest letter was parked, 0 without one."""
        oldest = min(self._since.values(), default="")
        return datetime.fromisoformat(oldest).timestamp() if oldest else 0.0

    @property
    def unknown_count(self) -> int:
        """Return how many events wait for a command that may or may not have taken effect."""
        return len(self._unknown)

    @property
    def attempts_pending(self) -> int:
        """Return how often the events have failed that are tried again."""
        return sum(self._attempts.values())

    def is_parked(self, key: RootKey) -> bool:
        """Say whether a letter holds the root."""
        return key in self._open

    def set_open(self, key: RootKey, count: int) -> None:
        """Note how many letters hold a root."""
        self.open_count += count - self._open.pop(key, 0)
        if count:
            self._open[key] = count
        else:
            self._since.pop(key, None)

    def attempts(self, event: Pending) -> int:
        """Return how often the event has failed, over all restarts."""
        if event.letter is not None:
            return event.letter.attempts
        return self._attempts.get(event.position, 0)

    async def retry(self, event: Pending, failure: FailedError) -> None:
        """Count a failed attempt."""
        attempts = self._attempts[event.position] = self.attempts(event) + 1
        if failure.reason in UNKNOWN:
            self._unknown.add(event.position)
        letter = self._letter(event, failure, attempts, LetterState.RETRYING)
        await self._committer.commit([SaveLetter(letter=letter)])
        self._note(logging.INFO, RETRIED, event, failure.reason)

    async def park(self, event: Pending, failure: FailedError) -> None:
        """Park the event with its bytes; its root waits behind it.

        Raises:
            HaltedError: there are too many letters to go on.
        """
        if event.letter is None and self.open_count >= LETTERS_LIMIT:
            raise HaltedError(f"{self.open_count} events are parked")
        self._note(logging.WARNING, PARKED, event, failure.reason)
        self._unknown.discard(event.position)
        attempts = self.attempts(event) + (failure.reason != BEHIND)
        letter = self._letter(event, failure, attempts, LetterState.PARKED)
        changes = [SaveLetter(letter=letter), *failure.changes]
        self._system.faults.at("Q9")
        await self._committer.commit(changes, done=event.unfinished)
        self._system.faults.at("Q9")
        self._attempts.pop(event.position, None)
        if event.letter is None:
            self._since.setdefault(event.key, letter.parked_at)
            self.set_open(event.key, self._open[event.key] + 1)

    async def park_behind(self, event: Pending) -> None:
        """Park the event untried behind the letter of its root."""
        await self.park(event, FailedError(b"", BEHIND))

    async def applied(self, event: Pending, changes: Sequence[Change]) -> None:
        """Store the changes of an event that succeeded, and what becomes of its letter with them.

        A failure that was only counted is forgotten; a letter that was replayed is kept.
        """
        self._unknown.discard(event.position)
        if event.letter is None:
            forgotten = [DropLetter(id=self._id(event))] * bool(
                self._attempts.pop(event.position, 0)
            )
            await self._committer.commit([*changes, *forgotten], done=event.unfinished)
            return
        letter = replace(event.letter, state=LetterState.REPLAYED, attempted_at=self._now())
        self._system.faults.at("Q13")
        spent = ForgetReactions(position=event.position)
        await self._committer.commit([*changes, SaveLetter(letter=letter), spent])
        self._note(logging.INFO, REPLAYED, event, "")

    def _note(self, level: int, what: str, event: Pending, reason: str) -> None:
        cover = event.book.cover
        extra = {
            "domain": cover.domain,
            "root": cover.root.hex,
            "sequence": event.book.pages[0].num,
            "position": event.position,
            "correlation_id": cover.correlation_id,
            "attempt": self.attempts(event),
            "reason": reason,
        }
        _LOG.log(level, what, extra=extra)

    def _letter(
        self, event: Pending, failure: FailedError, attempts: int, state: LetterState
    ) -> Letter:
        book, now = event.book, self._now()
        letter = Letter(
            id=self._id(event),
            subscriber=self.lease.subscriber,
            domain=self.lease.domain,
            position=event.position,
            sequence=book.pages[0].num,
            key=event.key,
            cover=book.cover.SerializeToString(),
            payload=book.SerializeToString(),
            status=failure.status,
            reason=failure.reason,
            attempts=attempts,
            state=state,
            parked_at=now if state is LetterState.PARKED else "",
            attempted_at=now if attempts else "",
        )
        if event.letter is not None:
            letter = replace(letter, parked_at=event.letter.parked_at)
        return letter if failure.kind is LetterKind.EVENT else _about_command(letter, failure)

    def _now(self) -> str:
        return self._system.clock.now().isoformat(timespec="microseconds")

    def _id(self, event: Pending) -> str:
        if event.letter is not None:
            return event.letter.id
        return self.lease.letter_id(event.position)


def _about_command(letter: Letter, failure: FailedError) -> Letter:
    command = CommandBook.FromString(failure.payload)
    return replace(
        letter,
        kind=failure.kind,
        cover=command.cover.SerializeToString(),
        payload=failure.payload,
        event=letter.payload,
        command_id=command.command_id,
    )
