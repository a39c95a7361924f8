"""One log line per command: what was asked, what became of it, how long it took."""

import logging

from angzarr.types_pb2 import CommandBook, CommandResponse
from angzarr_ports import Clock
from angzarr_service import CallError, RequestError
from angzarr_store import StoreError

ACCEPTED = "command.accepted"
REFUSED = "command.refused"

_LOG = logging.getLogger("angzarr.commands")


class Journal:
    """Writes the lines; `began` is when the command came, in seconds of the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def accepted(self, book: CommandBook, response: CommandResponse, began: float) -> None:
        """Note what a command led to."""
        pages = response.events.pages
        told: dict[str, object] = {
            "events": [page.type_name.rpartition(".")[2] for page in pages],
            "position": response.position,
        }
        if pages:
            told["sequence"] = pages[-1].num
        self._write(ACCEPTED, book, began, told)

    def refused(
        self, book: CommandBook, error: CallError | RequestError | StoreError, began: float
    ) -> None:
        """Note why a command had no effect."""
        match error:
            case CallError():
                reason = error.peer_reason or error.reason
            case RequestError():
                reason = error.reason
            case _:
                reason = type(error).__name__
        self._write(REFUSED, book, began, {"reason": reason})

    def _write(self, event: str, book: CommandBook, began: float, told: dict[str, object]) -> None:
        if not _LOG.isEnabledFor(logging.INFO):
            return
        extra = {
            "domain": book.cover.domain,
            "root": book.cover.root.hex,
            "command": book.type_name.rpartition(".")[2],
            "command_id": book.command_id,
            "correlation_id": book.cover.correlation_id,
            "seconds": round(self._clock.monotonic() - began, 4),
        }
        _LOG.info(event, extra={**extra, **told})
