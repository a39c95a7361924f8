"""The book of a root from its stored events; no I/O."""

from collections.abc import Iterable, Sequence

from google.protobuf.message import DecodeError

from angzarr.types_pb2 import EventBook, EventPage, Snapshot
from angzarr_store import DamagedError, Event, RootKey
from angzarr_store import Snapshot as StoredSnapshot


def read_page(domain: str, event: Event) -> EventPage:
    """Return the page of a stored event.

    Raises:
        DamagedError: it cannot be read, or its number is not the stored one.
    """
    try:
        page = EventPage.FromString(event.page or b"")
    except DecodeError as error:
        raise DamagedError(domain, event.key.root, event.sequence) from error
    if event.page is None or page.num != event.sequence:
        raise DamagedError(domain, event.key.root, event.sequence)
    return page


def book_of(domain: str, key: RootKey, events: Iterable[Event]) -> EventBook:
    """Return a book with the pages of `events`; its cover has no correlation id."""
    book = EventBook()
    book.cover.address(domain, key.root, edition=key.edition)
    book.pages.extend(read_page(domain, event) for event in events)
    return book


def snapshot_of(kept: StoredSnapshot) -> Snapshot | None:
    """Return a snapshot as logic gets it, None if it cannot be read: the events tell the same."""
    snapshot = Snapshot(sequence=kept.sequence)
    try:
        snapshot.state.ParseFromString(kept.state)
    except DecodeError:
        return None
    return snapshot


def state_of(
    domain: str, key: RootKey, events: Sequence[Event], snapshot: Snapshot | None = None
) -> EventBook:
    """Return the history of a root, as logic gets it.

    Shape: pages numbered 0, 1, …, or from the event behind `snapshot` on; `next_sequence` set.

    Raises:
        DamagedError: a number is missing, repeated or unreadable.
    Rule: contract.md §4.1 step 7.
    """
    first = snapshot.sequence + 1 if snapshot is not None else 0
    for number, event in enumerate(events, first):
        if event.sequence != number:
            raise DamagedError(domain, key.root, number)
    book = book_of(domain, key, events)
    if snapshot is not None:
        book.snapshot.CopyFrom(snapshot)
    book.next_sequence = first + len(events)
    return book
