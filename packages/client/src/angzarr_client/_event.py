"""The known events of a book, decoded, with what surrounds each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from google.protobuf.message import Message

from angzarr.types_pb2 import EventBook, EventPage
from angzarr_client._context import EventContext
from angzarr_client._registry import Handler, Registry, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One event for one handler."""

    handler: Handler
    message: Message
    context: EventContext

    @classmethod
    def each(
        cls,
        component: str,
        book: EventBook,
        registry: Registry,
        destinations: Sequence[EventBook] = (),
    ) -> "Iterator[Delivered]":
        """Yield the events of a book that have a handler in `component`.

        Raises:
            ValueError: one of them cannot be decoded.
        """
        for page in book.pages:
            handler = registry.find(page.event.type_url)
            if handler is None:
                continue
            message = parse(handler.message, page.event.value)
            if message is None:
                raise ValueError(f"Malformed event: {page.type_name}")
            context = cls._context(component, book, page, destinations)
            yield cls(handler=handler, message=message, context=context)

    @staticmethod
    def _context(
        component: str, book: EventBook, page: EventPage, destinations: Sequence[EventBook]
    ) -> EventContext:
        return EventContext(
            component=component,
            domain=book.cover.domain,
            root=book.cover.root.uuid,
            edition=book.cover.edition_name,
            correlation_id=book.cover.correlation_id,
            sequence=page.num,
            position=page.position,
            now=page.created_at.ToDatetime(tzinfo=UTC),
            destinations=tuple(destinations),
        )
