"""The state of each root: read from the log, kept while it is in use."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from google.protobuf.any_pb2 import Any

from angzarr.types_pb2 import EventBook, EventPage
from angzarr_coordinator_aggregate._order import Order
from angzarr_log import Histories, Snapshots
from angzarr_replay import snapshot_of, state_of
from angzarr_service import RequestError
from angzarr_store import Appended, RootKey, Snapshot


class States:
    """A bounded cache of histories; what is uncertain is forgotten and read again."""

    def __init__(
        self, domain: str, histories: Histories, snapshots: Snapshots, *, limit_roots: int
    ) -> None:
        self._domain = domain
        self._histories = histories
        self._snapshots = snapshots
        self._limit_roots = limit_roots
        self._books: OrderedDict[RootKey, EventBook] = OrderedDict()

    async def load(self, order: Order, following: int | None) -> EventBook:
        """Return the history of a root with its next sequence; callers do not change it.

        `following` is the next sequence that the log has just told, None if it was not asked: a
        history that ends elsewhere is not used, and an empty one is not read.

        Raises:
            DamagedError: a stored page cannot be trusted.
            StoreUnavailableError: it cannot be read now.
        """
        key = order.key
        book = self._books.get(key)
        if book is None or following not in {None, book.next_sequence}:
            if following == 0:
                book = state_of(self._domain, key, [])
            else:
                book = await self._histories.state(key, order.divergence)
            self._books[key] = book
            if len(self._books) > self._limit_roots:
                self._books.popitem(last=False)
        self._books.move_to_end(key)
        return book

    async def advance(self, key: RootKey, pages: Sequence[EventPage]) -> None:
        """Add committed pages to the history, as logic sees them; what fails is no answer."""
        book = self._books.get(key)
        if book is not None and pages:
            try:
                shown = await self._histories.shown(EventBook(cover=book.cover, pages=pages))
            except RequestError:
                return self.forget(key)
            book.pages.extend(shown.pages)
            book.next_sequence += len(pages)
        return None

    def offer(
        self,
        appended: Appended,
        state: EventBook,
        offered: Any,
        again: Callable[[EventBook], Awaitable[Any]],
    ) -> None:
        """Offer what logic says that a root is after an append, which it decided on by `state`."""
        kept = partial(self._cut, appended.row.key)
        self._snapshots.offer(appended, state, offered, again, kept)

    def _cut(self, key: RootKey, kept: Snapshot | None) -> None:
        """Let a snapshot that is kept stand for its events; None: what was kept was wrong."""
        book, snapshot = self._books.get(key), snapshot_of(kept) if kept is not None else None
        if snapshot is None:
            self.forget(key)
        elif book is not None:
            first = book.next_sequence - len(book.pages)
            book.snapshot.CopyFrom(snapshot)
            del book.pages[: snapshot.sequence + 1 - first]

    def forget(self, key: RootKey) -> None:
        """Drop what may no longer be true."""
        self._books.pop(key, None)
