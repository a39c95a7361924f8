"""What the log of a domain does: append, and every way to read it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from angzarr_store._edition import Edition, Fork
from angzarr_store._process import FIRST_TIMER, Timer, TimerPlace
from angzarr_store._rows import Appended, Batch, Event, FeedPage, Head, RootKey, Snapshot


class EventLog(ABC):
    """The log of one domain, owned by its only writer."""

    @property
    @abstractmethod
    def domain(self) -> str:
        """Return the domain."""

    @abstractmethod
    async def append(self, batch: Batch) -> Appended:
        """Store `batch`, or answer what its command id was answered before.

        A ProcessBatch is stored with all that belongs to it in the same transaction. Returns after
        the durable commit. Cancelling the caller never cancels the append.

        Raises:
            ConflictError: the root's next sequence is not `batch.base`.
            CommandIdReusedError: the id belongs to another key or type.
            EditionDeletedError, DivergenceMismatchError: as of `Fork.divergence`.
            FencedError: a newer epoch owns the domain, or the subscription of the batch.
            TimerGoneError: the timer that fires is not as it was.
            OverloadedError: the writer's queue is full.
            StoreFullError: there is no space.
            StoreUnavailableError: nothing was stored.
            UnknownOutcomeError: it may be stored.
        Rule: reliability.md §2.3.
        """

    @abstractmethod
    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        """Return what `command_id` was answered, and the next sequence of `key`, in one read.

        Rule: reliability.md P5; asked before any answer that stores nothing.

        Raises:
            StoreUnavailableError: nothing was read.
        """

    @abstractmethod
    async def read_root(
        self, key: RootKey, *, first: int = 0, last: int | None = None, limit_bytes: int | None
    ) -> list[Event]:
        """Return the first events of a root with first ≤ sequence ≤ last, in sequence order.

        Shape: at most `limit_bytes` of pages, but always one event if there is any; None sets no
        limit, for who needs a whole history.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: reliability.md N42.
        """

    @abstractmethod
    async def first_later(self, key: RootKey, created_at: str) -> int | None:
        """Return the sequence of the first event of a root that was created later, None without.

        Shape: `created_at` is RFC 3339 in UTC with microseconds, as that of a batch. The events
        before the one returned are the longest prefix of the root that existed by then.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: reliability.md §2.1.
        """

    @abstractmethod
    async def snapshot(self, key: RootKey) -> Snapshot | None:
        """Return the snapshot of a root, None without one that belongs to its events.

        Raises:
            StoreUnavailableError: nothing was read.
        """

    @abstractmethod
    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot of stored events, durably on return, unless a later one is kept.

        Raises:
            StoreFullError: there is no space.
            StoreUnavailableError: nothing was changed.
        Rule: reliability.md §2.5.
        """

    @abstractmethod
    async def drop_snapshot(self, key: RootKey) -> None:
        """Forget the snapshot of a root, if there is one.

        Raises:
            StoreUnavailableError: nothing was changed.
        """

    @abstractmethod
    async def fork(self, key: RootKey) -> Fork:
        """Return what decides where a root of a named edition leaves main.

        Raises:
            StoreUnavailableError: nothing was read.
        """

    @abstractmethod
    async def editions(self) -> list[Edition]:
        """Return every edition by name, also those that are deleted.

        Raises:
            StoreUnavailableError: nothing was read.
        """

    @abstractmethod
    async def create_edition(self, edition: Edition) -> Edition:
        """Return the edition, durable on return; one that was made alike before as it was made.

        Raises:
            EditionExistsError: its description or point is another.
            EditionDeletedError: its name is spent.
            MainEditionError: it has the name of main.
            FencedError: a newer epoch owns the domain.
            StoreUnavailableError: nothing was changed.
        Rule: contract.md §4.11.
        """

    @abstractmethod
    async def delete_edition(self, name: str) -> bool:
        """Delete an edition, durably on return; say whether there was one, also if it was deleted.

        Its pages, snapshots, divergences and timers go; positions, digests and command ids stay.

        Raises:
            MainEditionError: it is main.
            FencedError: a newer epoch owns the domain.
            StoreUnavailableError: nothing was changed.
        Rule: contract.md §4.11, reliability.md N36.
        """

    @abstractmethod
    async def read_feed(
        self, *, after: int, limit: int, limit_bytes: int, after_chain: bytes = b""
    ) -> FeedPage:
        """Return the next whole appends after position `after`.

        Shape: at most `limit` events and `limit_bytes` of pages, but always at least one append.

        Raises:
            PositionPastHeadError: `after` lies beyond the head.
            LogMismatchError: `after_chain` is given and is not the log's chain at `after`.
            StoreUnavailableError: nothing was read.
        Rule: contract.md §4.13.
        """

    @abstractmethod
    async def read_correlation(
        self, correlation_id: str, edition: str, *, after: int, limit: int, limit_bytes: int
    ) -> list[Event]:
        """Return the first events after `after` with this correlation id, in position order.

        Shape: of `edition` only; at most `limit` events and `limit_bytes` of pages, but always one
        event if there is any.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: reliability.md N42.
        """

    @abstractmethod
    def read_roots(self) -> AsyncIterator[bytes]:
        """Yield each root of main once, by its first position.

        Raises:
            StoreUnavailableError: the rest was not read.
        """

    @abstractmethod
    async def timers(
        self, *, after: TimerPlace = FIRST_TIMER, root: bytes = b"", limit: int
    ) -> list[Timer]:
        """Return timers by deadline, at most `limit` that follow `after`; of `root` if it is given.

        Raises:
            StoreUnavailableError: nothing was read.
        """

    @abstractmethod
    async def cancel_timer(self, key: RootKey, timer_type: str) -> bool:
        """Remove a timer, durably on return; say whether there was one.

        Raises:
            StoreUnavailableError: nothing was changed.
        """

    @abstractmethod
    async def head(self) -> Head:
        """Return the durable end of the log.

        Raises:
            StoreUnavailableError: nothing was read.
        """
