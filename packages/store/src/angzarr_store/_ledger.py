"""What a subscriber remembers: its place, its decisions, its letters, its projections."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from angzarr_store._letter import Filed, Letter, LetterQuery
from angzarr_store._rows import RootKey

REACTIONS_KEPT = 10_000


class ReactionState(StrEnum):
    """How far a decided command has come; discarded: refused unapplied, then decided no more.

    Due is a compensation: owed like a decided command, but whatever becomes of its event.
    """

    OWED = "owed"
    DUE = "due"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PARKED = "parked"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to move a subscription, and where it stood when the right was taken."""

    subscriber: str
    domain: str
    epoch: int
    position: int
    chain: bytes

    def letter_id(self, position: int) -> str:
        """Return the id of the letter of an event."""
        return f"{self.subscriber}:{self.domain}:{position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A command decided because of the event at `position`; `command` is a CommandBook's bytes.

    Shape: `outcome` is the encoded status of a terminal result; see `RpcStatus.position`.
    """

    position: int
    index: int
    command_id: str
    command: bytes
    state: ReactionState = ReactionState.OWED
    outcome: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What a subscription had not finished when its lease was taken.

    Shape: `applied` holds positions above the checkpoint; `reactions` those of positions that are
    not applied and all that are due, ordered by (position, index); `letters` all that are
    retrying or open, by position, without payload and event.
    """

    applied: frozenset[int]
    reactions: tuple[Reaction, ...]
    letters: tuple[Letter, ...]

    def is_done(self, lease: Lease, position: int) -> bool:
        """Say whether the event at a position was done when the lease was taken."""
        return position <= lease.position or position in self.applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """The event at `position` is done; its row lives until the checkpoint passes it."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Move the checkpoint from `old` to `new`; forget applied rows below, and old reactions.

    Spent reactions stay for REACTIONS_KEPT positions, for whoever asks what an event led to.
    """

    old: int
    new: int
    chain: bytes

    @property
    def spent(self) -> tuple[int, int]:
        """Return (after, last): the positions whose spent reactions are forgotten."""
        return self.old - REACTIONS_KEPT, self.new - REACTIONS_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveReaction:
    """Insert a reaction or replace the one with the same position and index."""

    reaction: Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveLetter:
    """Insert a letter or replace the one with the same id."""

    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class DropLetter:
    """Forget the retrying letter of an event that succeeded."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetReactions:
    """Forget the spent reactions of an event that the checkpoint has passed."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProjection:
    """Keep the newest projection of a root."""

    key: RootKey
    sequence: int
    projection: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetSubscription:
    """Forget every row of the subscription, its checkpoint and so its lease included."""


Kept = SaveReaction | SaveLetter | SaveProjection
Change = Apply | Advance | ForgetReactions | DropLetter | ForgetSubscription | Kept


class Ledger(ABC):
    """The rows of the subscribers of one component.

    Raises:
        StoreUnavailableError: nothing was read, by each method that only reads.
    """

    @abstractmethod
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        """Take the subscription under the next epoch, once nobody else holds it; begin at 0.

        Raises:
            StoreUnavailableError: nothing was changed.
        Rule: reliability.md U1.
        """

    @abstractmethod
    async def backlog(self, lease: Lease) -> Backlog:
        """Return what is unfinished."""

    @abstractmethod
    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Make all changes in one transaction, durable on return, or none.

        Raises:
            FencedError: a newer lease exists, or `Advance.old` is not the checkpoint.
            StoreFullError: there is no space.
            StoreUnavailableError: nothing was changed.
            UnknownOutcomeError: the changes may be stored; take the lease again.
        Rule: reliability.md U8, U9.
        """

    @abstractmethod
    async def projection(self, lease: Lease, key: RootKey) -> tuple[int, bytes] | None:
        """Return the sequence and bytes of the newest projection of a root."""

    @abstractmethod
    async def reactions(self, lease: Lease, position: int) -> tuple[Reaction, ...]:
        """Return what is stored of the reactions to an event, by index."""

    @abstractmethod
    async def letters(
        self, wanted: LetterQuery, *, after: tuple[str, str] = ("", ""), limit: int
    ) -> list[Filed]:
        """Return letters of all subscribers by (parked_at, id), without payload and event.

        Shape: at most `limit` that follow `after`, the (parked_at, id) of the last one known.
        """

    @abstractmethod
    async def count_letters(self, wanted: LetterQuery) -> int:
        """Return how many letters are wanted."""

    @abstractmethod
    async def letter(self, id_: str) -> Filed | None:
        """Return a letter with payload and event."""

    @abstractmethod
    async def root_letters(
        self, subscriber: str, domain: str, key: RootKey, *, limit: int
    ) -> list[Letter]:
        """Return the open letters of a root, oldest first, without payload and event."""

    @abstractmethod
    async def request_replay(self, ids: Sequence[str]) -> None:
        """Set those that are parked to replay, in one transaction, durable on return.

        No lease is needed: who holds it finds them, at the latest after a restart.

        Raises:
            StoreUnavailableError: nothing was changed.
        Rule: reliability.md §3.
        """

    @abstractmethod
    async def discard_letter(self, id_: str, note: str) -> bool:
        """Discard a letter that is parked, and the command it is about; say whether it was parked.

        Shape: of an event all commands that are owed or parked are discarded, else the one with
        the letter's command id. If another reaction to the event is still open, a letter for the
        event takes the place of the discarded one, untried, in the same transaction.

        Raises:
            StoreUnavailableError: nothing was changed.
        """

    @abstractmethod
    async def file_letter(self, letter: Letter) -> None:
        """Insert a letter of an aggregate, or replace the one with the same id.

        Raises:
            StoreFullError: there is no space.
            StoreUnavailableError: nothing was changed.
        """
