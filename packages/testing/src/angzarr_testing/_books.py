"""Books as a coordinator would hand them to logic."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message

from angzarr.types_pb2 import CommandBook, ContextualCommand, EventBook
from angzarr_client import CommandRouter, ProcessRouter


class Books:
    """Makes books of one root at one time."""

    def __init__(self, domain: str, root: UUID, now: datetime) -> None:
        self._domain = domain
        self._root = root
        self._now = now

    def events(self, *events: Message) -> EventBook:
        """Return a history, numbered, timed and positioned."""
        book = EventBook(next_sequence=0)
        book.cover.address(self._domain, self._root, correlation="test")
        book.record(*events)
        for page in book.pages:
            page.created_at.FromDatetime(self._now)
            page.position = page.num + 1
        return book

    def single(self, book: EventBook, index: int) -> EventBook:
        """Return one page of a history in a book of its own, as subscribers get it."""
        return EventBook(cover=book.cover, pages=[book.pages[index]])

    def command(self, history: EventBook, command: Message) -> ContextualCommand:
        """Return a command against a history."""
        book = CommandBook.to(self._domain, self._root, command, sequence=history.next_sequence)
        book.cover.correlation_id = history.cover.correlation_id
        return ContextualCommand(events=history, command=book)


def histories(
    router: CommandRouter | ProcessRouter, book: EventBook
) -> Iterator[tuple[str, EventBook]]:
    """Yield the history plain and cut by a snapshot behind every page, each with its name."""
    yield "plain", book
    for at in range(1, len(book.pages) + 1):
        folded = EventBook(cover=book.cover, pages=book.pages[:at])
        short = EventBook(
            cover=book.cover, pages=book.pages[at:], next_sequence=book.next_page_number
        )
        short.snapshot.sequence = at - 1
        short.snapshot.state.Pack(router.fold.fold(folded))
        yield f"snapshot at {at - 1}", short
