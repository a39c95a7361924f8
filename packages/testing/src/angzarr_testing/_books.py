"""Books as a coordinator would hand them to logic."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message

from angzarr.types_pb2 import CommandBook, ContextualCommand, Cover, EventBook
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


class Destinations:
    """The roots of other domains that a case gives a history."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[tuple[str, bytes], EventBook] = {}

    def add(self, domain: str, root: UUID, *events: Message) -> None:
        """Give a root a history."""
        self._known[domain, root.bytes] = Books(domain, root, self._now).events(*events)

    @staticmethod
    def bare(command: CommandBook) -> CommandBook:
        """Return a command without what is the framework's: sequences and correlation id."""
        copy = CommandBook()
        copy.CopyFrom(command)
        copy.cover.correlation_id = ""
        for page in copy.pages:
            page.sequence = 0
        return copy

    def books(self, covers: Iterable[Cover]) -> list[EventBook]:
        """Return one book per cover, empty for a root without a history."""
        return [
            self._known.get((cover.domain, cover.root.value))
            or Books(cover.domain, cover.root.uuid, self._now).events()
            for cover in covers
        ]


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
