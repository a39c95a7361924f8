"""Where a book ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from angzarr.types_pb2 import EventBook


class EventBookTraits:
    """Behaviour of EventBook."""

    @property
    def next_page_number(self: EventBook) -> int:
        """Return the number that the next event of the root gets (contract.md §4.1 step 7)."""
        if self.HasField("next_sequence"):
            return self.next_sequence
        if self.pages:
            return self.pages[-1].num + 1
        return self.snapshot.sequence + 1 if self.HasField("snapshot") else 0

    def record(self: EventBook, *events: Message) -> EventBook:
        """Append one numbered page per event; return the book itself."""
        for event in events:
            number = self.next_page_number
            page = self.pages.add(num=number)
            page.event.Pack(event)
            if self.HasField("next_sequence"):
                self.next_sequence = number + 1
        return self

    def pieces(self: EventBook, limit_bytes: int) -> Iterator[EventBook]:
        """Yield consecutive books of the same cover, each within the limit or of one page."""
        piece = type(self)(cover=self.cover)
        size = 0
        for page in self.pages:
            size += page.ByteSize()
            if piece.pages and size > limit_bytes:
                yield piece
                piece, size = type(self)(cover=self.cover), page.ByteSize()
            piece.pages.append(page)
        yield piece
