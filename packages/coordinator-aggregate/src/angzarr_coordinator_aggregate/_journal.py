"""One log line and one count per command: what was asked, what became of it, how long it took."""

import logging

from angzarr.types_pb2 import CommandBook, CommandResponse
from angzarr_ports import Metric, MetricKind, System
from angzarr_service import CallError, RequestError
from angzarr_store import ConflictError, OverloadedError, StoreError, UnknownOutcomeError

ACCEPTED = "command.accepted"
REFUSED = "command.refused"
COMMANDS = Metric(
    name="angzarr_command_total",
    help="Commands that were answered, by what became of them.",
    kind=MetricKind.COUNTER,
    labels=("component", "domain", "outcome"),
)
COMMAND_DURATION = Metric(
    name="angzarr_command_duration_seconds",
    help="How long commands took to be answered.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)

_OUTCOMES = {
    "COMMAND_REVOKED": "rejected",
    "SEQUENCE_MISMATCH": "conflict",
    "OVERLOADED": "overloaded",
    "OUTCOME_UNKNOWN": "unknown",
}

_LOG = logging.getLogger("angzarr.commands")


class Journal:
    """Writes and counts; `began` is when the command came, in seconds of the clock."""

    def __init__(self, domain: str, system: System) -> None:
        self._domain = domain
        self._system = system

    def accepted(
        self, book: CommandBook, response: CommandResponse, began: float, *, repeated: bool
    ) -> None:
        """Note what a command led to."""
        self._count("repeated" if repeated else "accepted", began)
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
        self._count(_outcome(error), began)
        match error:
            case CallError():
                reason = error.peer_reason or error.reason
            case RequestError():
                reason = error.reason
            case _:
                reason = type(error).__name__
        self._write(REFUSED, book, began, {"reason": reason})

    def _count(self, outcome: str, began: float) -> None:
        labels = {"component": self._domain, "domain": self._domain, "outcome": outcome}
        metrics, took = self._system.metrics, self._system.clock.monotonic() - began
        metrics.count(COMMANDS, **labels)
        metrics.observe(COMMAND_DURATION, took, **labels)

    def _write(self, event: str, book: CommandBook, began: float, told: dict[str, object]) -> None:
        if not _LOG.isEnabledFor(logging.INFO):
            return
        extra = {
            "domain": book.cover.domain,
            "root": book.cover.root.hex,
            "command": book.type_name.rpartition(".")[2],
            "command_id": book.command_id,
            "correlation_id": book.cover.correlation_id,
            "seconds": round(self._system.clock.monotonic() - began, 4),
        }
        _LOG.info(event, extra={**extra, **told})


def _outcome(error: CallError | RequestError | StoreError) -> str:
    match error:
        case CallError():
            return "rejected" if error.status.is_rejection_code else "error"
        case RequestError():
            return _OUTCOMES.get(error.reason, "error")
        case ConflictError():
            return "conflict"
        case OverloadedError():
            return "overloaded"
        case UnknownOutcomeError():
            return "unknown"
        case _:
            return "error"
