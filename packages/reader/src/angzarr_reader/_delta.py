"""The pages of one append, from a frame or from the feed."""

from collections.abc import Iterator
from dataclasses import dataclass

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook, EventPage
from angzarr_bus import Frame
from angzarr_reader._violation import ViolationError
from angzarr_store import RootKey, event_digest, next_chain
from angzarr_telemetry import GAP_APPLIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One append behind the places of deleted ones, or only these; `chain` is that at `last`."""

    book: EventBook
    key: RootKey
    first: int
    last: int
    chain: bytes

    @staticmethod
    def of_frame(frame: Frame, chain: bytes) -> "Delta":
        """Return the append that a frame carries; `chain` is the log's before it.

        The chain is computed from the bytes that are applied, so that the next feed read exposes
        a frame that was not the log (reliability.md U9).
        """
        key = RootKey(edition=frame.edition, root=frame.root)
        book = EventBook(pages=map(EventPage.FromString, frame.pages))
        book.cover.address(
            frame.domain, frame.root, edition=frame.edition, correlation=frame.correlation_id
        )
        return Delta(
            book=book,
            key=key,
            first=frame.position,
            last=frame.last_position,
            chain=_chained(frame, key, chain),
        )

    @staticmethod
    def of_batch(batch: FeedBatch) -> Iterator["Delta"]:
        """Yield the appends of a batch; a ViolationError says that one is not whole or in order."""
        at = batch.after_position
        for book, chain in zip(batch.books, batch.book_chains, strict=True):
            first, last = book.pages[0].position, book.pages[-1].position
            if first <= at or last - first + 1 != len(book.pages):
                why = f"feed of {book.cover.domain} goes from {at} to {first}"
                raise ViolationError(GAP_APPLIED, why)
            key = RootKey(edition=book.cover.edition_name, root=book.cover.root.value)
            yield Delta(book=book, key=key, first=at + 1, last=last, chain=chain)
            at = last
        if at < batch.last_position:
            gone, end = RootKey(edition="", root=b""), batch.last_position
            yield Delta(book=EventBook(), key=gone, first=at + 1, last=end, chain=batch.chain)

    def events(self) -> Iterator[tuple[int, EventBook]]:
        """Yield the position and the single-page book of each event."""
        for page in self.book.pages:
            yield page.position, EventBook(cover=self.book.cover, pages=[page])


def _chained(frame: Frame, key: RootKey, chain: bytes) -> bytes:
    """Return the log's chain behind the pages of a frame."""
    for index, page in enumerate(frame.pages):
        place = (frame.sequence + index, frame.position + index)
        chain = next_chain(chain, event_digest(frame.domain, key, place, frame.command_id, page))
    return chain
