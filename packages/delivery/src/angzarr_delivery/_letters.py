"""Failures that survive a restart: counted attempts and parked events (reliability.md §3)."""

from angzarr_delivery._committer import Committer
from angzarr_delivery._handler import FailedError
from angzarr_delivery._lanes import Pending
from angzarr_store import (
    Backlog,
    Change,
    DropLetter,
    InvariantError,
    Lease,
    Letter,
    LetterState,
    RootKey,
    SaveLetter,
)

LETTERS_LIMIT = 100_000
BEHIND = "BEHIND_DEAD_LETTER"


class Letters:
    """The letters of one subscription; a parked root keeps its later events behind it."""

    def __init__(self, lease: Lease, backlog: Backlog, committer: Committer) -> None:
        self._lease = lease
        self._committer = committer
        parked = [it for it in backlog.letters if it.state is LetterState.PARKED]
        self.parked_count = len(parked)
        self.parked_roots: set[RootKey] = {letter.key for letter in parked}
        self._attempts = {
            it.position: it.attempts for it in backlog.letters if it.state is LetterState.RETRYING
        }

    def attempts(self, event: Pending) -> int:
        """Return how often the event has failed, over all restarts."""
        return self._attempts.get(event.position, 0)

    async def retry(self, event: Pending, failure: FailedError) -> None:
        """Count a failed attempt."""
        attempts = self._attempts[event.position] = self.attempts(event) + 1
        letter = self._letter(event, failure, attempts, LetterState.RETRYING)
        await self._committer.commit([SaveLetter(letter=letter)])

    async def park(self, event: Pending, failure: FailedError) -> None:
        """Park the event with its bytes; its root waits behind it.

        Raises:
            InvariantError: there are too many letters to go on.
        """
        if self.parked_count >= LETTERS_LIMIT:
            raise InvariantError(f"{self._lease.subscriber} has {self.parked_count} parked events")
        tried = failure.reason != BEHIND
        attempts = self._attempts.pop(event.position, 0) + tried
        letter = self._letter(event, failure, attempts, LetterState.PARKED)
        await self._committer.commit([SaveLetter(letter=letter)], done=event.position)
        self.parked_roots.add(event.key)
        self.parked_count += 1

    async def park_behind(self, event: Pending) -> None:
        """Park the event untried behind the letter of its root."""
        await self.park(event, FailedError(b"", BEHIND))

    def settled(self, event: Pending) -> list[Change]:
        """Return the changes that forget the failures of an event that succeeded."""
        failed = self._attempts.pop(event.position, 0)
        return [DropLetter(id=self._id(event))] if failed else []

    def _letter(
        self, event: Pending, failure: FailedError, attempts: int, state: LetterState
    ) -> Letter:
        return Letter(
            id=self._id(event),
            position=event.position,
            key=event.key,
            payload=event.book.SerializeToString(),
            status=failure.status,
            reason=failure.reason,
            attempts=attempts,
            state=state,
        )

    def _id(self, event: Pending) -> str:
        return f"{self._lease.subscriber}:{self._lease.domain}:{event.position}"
