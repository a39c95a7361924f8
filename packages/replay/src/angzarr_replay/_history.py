"""The book of a root from its stored events; no I/O."""

from collections.abc import Iterable, Sequence

from google.protobuf.message import DecodeError

from angzarr.types_pb2 import EventBook, EventPage
from angzarr_store import DamagedError, Event, RootKey


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


def state_of(domain: str, key: RootKey, events: Sequence[Event]) -> EventBook:
    """Return the whole history of a root, as logic gets it.

    Shape: pages numbered 0, 1, …; `next_sequence` set.

    Raises:
        DamagedError: a number is missing, repeated or unreadable.
    Rule: contract.md §4.1 step 7.
    """
    for number, event in enumerate(events):
        if event.sequence != number:
            raise DamagedError(domain, key.root, number)
    book = book_of(domain, key, events)
    book.next_sequence = len(events)
    return book
