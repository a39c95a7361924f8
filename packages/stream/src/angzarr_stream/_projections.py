"""What projectors offer: books that are stored nowhere, and so cannot be read again."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from angzarr import projection_domain
from angzarr.types_pb2 import EventBook, EventPage, EventStreamFilter
from angzarr_bus import Bus, BusUnavailableError, Frame
from angzarr_discovery import Discovery
from angzarr_ports import System
from angzarr_service import RequestError

WAITING_BOOKS = 256
INBOX_FRAMES = 1024


@dataclass(slots=True, eq=False)
class Offered:
    """What is offered to one subscription; more than waits for it closes the stream."""

    wanted: EventStreamFilter
    wake: Callable[[], None]
    is_live: bool = True
    _waiting: deque[EventBook] = field(default_factory=deque)

    def offer(self, book: EventBook) -> None:
        """Take a book if it is wanted."""
        if not self.wanted.wants(book):
            return
        self.is_live = self.is_live and len(self._waiting) < WAITING_BOOKS
        if self.is_live:
            self._waiting.append(book)
        self.wake()

    async def take(self) -> AsyncIterator[EventBook]:
        """Yield what waits.

        Raises:
            RequestError: STREAM_CLOSED, something would be missing.
        """
        while self._waiting:
            yield self._waiting.popleft()
        if not self.is_live:
            raise RequestError.closed()


class Projections:
    """Listens to every projector from the start on."""

    def __init__(self, bus: Bus, discovery: Discovery, system: System) -> None:
        self._bus = bus
        self._offers: set[Offered] = set()
        projectors = [it for it in discovery.components() if it.kind == "projector"]
        self.domains = frozenset(
            projection_domain(it.name, interest.domain)
            for it in projectors
            for interest in it.inputs
        )
        for domain in sorted(self.domains):
            system.tasks.start(f"projections {domain}", self._listen(domain))

    def add(self, offered: Offered) -> None:
        """Offer what comes to a subscription as well."""
        self._offers.add(offered)

    def remove(self, offered: Offered) -> None:
        """Offer nothing to a subscription any more."""
        self._offers.discard(offered)

    async def _listen(self, domain: str) -> None:
        try:
            inbox = await self._bus.subscribe(domain, "stream", limit_frames=INBOX_FRAMES)
        except BusUnavailableError:
            return
        while True:
            frame = await inbox.receive()
            if frame is not None and not frame.is_reference:
                book = _book(frame)
                for offered in self._offers:
                    offered.offer(book)


def _book(frame: Frame) -> EventBook:
    book = EventBook(pages=map(EventPage.FromString, frame.pages))
    book.cover.address(
        frame.domain, frame.root, edition=frame.edition, correlation=frame.correlation_id
    )
    return book
