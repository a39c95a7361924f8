"""Pages as logic sees them (contract.md §4.12)."""

from angzarr import rpc
from angzarr.types_pb2 import EventBook
from angzarr.upcaster_pb2 import UpcastRequest, UpcastResponse
from angzarr_service import CallError, Channels, Fault, RequestError
from angzarr_settings import UpcasterSettings

PIECE_BYTES = 1024 * 1024


class Upcaster:
    """The author's upcaster behind its address; without one every event is in its newest form."""

    def __init__(self, settings: UpcasterSettings, channels: Channels) -> None:
        self._address = settings.address
        self._timeout_seconds = settings.timeout
        self._channels = channels

    @property
    def exists(self) -> bool:
        """Say whether there is one to ask."""
        return bool(self._address)

    async def upcast(self, book: EventBook) -> EventBook:
        """Return a book with the payloads in their newest form; the given one stays as it is.

        Raises:
            RequestError: UPCAST_FAILED.
        """
        if not self.exists or not book.pages:
            return book
        newest = EventBook()
        for piece in book.pieces(PIECE_BYTES):
            newest.pages.extend((await self._ask(piece)).events)
        shown = EventBook()
        shown.CopyFrom(book)
        for page, answered in zip(shown.pages, newest.pages, strict=True):
            page.event.CopyFrom(answered.event)
        return shown

    async def _ask(self, piece: EventBook) -> UpcastResponse:
        request = UpcastRequest(domain=piece.cover.domain, events=piece.pages)
        limit = self._timeout_seconds
        try:
            response = await self._channels.call(
                self._address, rpc.Upcaster.Upcast, request, timeout_seconds=limit
            )
        except CallError as error:
            raise _failed(_word(error, limit)) from error
        asked, answered = len(request.events), len(response.events)
        if asked != answered:
            raise _failed(f"it answered {answered} events for {asked}")
        for index, (old, new) in enumerate(zip(request.events, response.events, strict=True)):
            if new.num != old.num:
                raise _failed(f"event {index} has sequence {new.num}, expected {old.num}")
            if not new.event.type_url:
                raise _failed(f"event {index} has no type")
        return response


def _word(error: CallError, limit_seconds: float) -> str:
    match error.fault:
        case Fault.SILENCE:
            return "it cannot be reached"
        case Fault.LATENESS:
            return f"it did not answer in {round(limit_seconds * 1000)} ms"
        case _:
            return error.status.message


def _failed(why: str) -> RequestError:
    return RequestError("UPCAST_FAILED", f"Upcaster failed: {why}", why=why)
