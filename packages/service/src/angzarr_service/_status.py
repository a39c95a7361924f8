"""Errors become statuses, here and nowhere else (contract.md §6)."""

from collections.abc import Callable, Mapping

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped]  # no stubs

import angzarr_store as store
from angzarr.types_pb2 import EventBook, RpcStatus
from angzarr_defence import (
    RETRY_SECONDS,
    DrainingError,
    ForeignPeerError,
    NamelessPeerError,
    TooManyCallsError,
)
from angzarr_discovery import NoRouteError
from angzarr_service._errors import CallError, RequestError

DETAILS_KEY = "grpc-status-details-bin"
MESSAGE_BYTES = 1024
METADATA_CHARACTERS = 256
STATUS_BYTES = 4096
NOT_APPLIED = {"outcome": "not_applied"}

_Code = grpc.StatusCode
CODES = {
    "INVALID_ARGUMENT": _Code.INVALID_ARGUMENT,
    "RESERVED_DOMAIN": _Code.INVALID_ARGUMENT,
    "UNKNOWN_DOMAIN": _Code.NOT_FOUND,
    "UNKNOWN_COMPONENT": _Code.NOT_FOUND,
    "NOT_SUBSCRIBED": _Code.NOT_FOUND,
    "NOT_SPECULATIVE": _Code.FAILED_PRECONDITION,
    "UNKNOWN_EDITION": _Code.NOT_FOUND,
    "UNKNOWN_DEAD_LETTER": _Code.NOT_FOUND,
    "UNAUTHENTICATED": _Code.UNAUTHENTICATED,
    "PERMISSION_DENIED": _Code.PERMISSION_DENIED,
    "SEQUENCE_MISMATCH": _Code.ABORTED,
    "CONFLICT": _Code.UNAVAILABLE,
    "COMMAND_ID_REUSED": _Code.INVALID_ARGUMENT,
    "EDITION_EXISTS": _Code.ALREADY_EXISTS,
    "EDITION_DELETED": _Code.FAILED_PRECONDITION,
    "DIVERGENCE_MISMATCH": _Code.FAILED_PRECONDITION,
    "COMMAND_REVOKED": _Code.FAILED_PRECONDITION,
    "LOGIC_UNAVAILABLE": _Code.UNAVAILABLE,
    "LOGIC_DEADLINE": _Code.DEADLINE_EXCEEDED,
    "LOGIC_REPLY_INVALID": _Code.INTERNAL,
    "UPCAST_FAILED": _Code.INTERNAL,
    "MESSAGE_TOO_LARGE": _Code.RESOURCE_EXHAUSTED,
    "OVERLOADED": _Code.RESOURCE_EXHAUSTED,
    "STORE_FULL": _Code.RESOURCE_EXHAUSTED,
    "DEADLINE": _Code.DEADLINE_EXCEEDED,
    "OUTCOME_UNKNOWN": _Code.UNAVAILABLE,
    "STORE_READ_FAILED": _Code.INTERNAL,
    "STORE_WRITE_FAILED": _Code.INTERNAL,
    "DATA_DAMAGED": _Code.DATA_LOSS,
    "FENCED": _Code.UNAVAILABLE,
    "NOT_READY": _Code.UNAVAILABLE,
    "STREAM_CLOSED": _Code.UNAVAILABLE,
    "UPSTREAM_UNAVAILABLE": _Code.UNAVAILABLE,
    "POSITION_PAST_HEAD": _Code.OUT_OF_RANGE,
    "LOG_MISMATCH": _Code.FAILED_PRECONDITION,
    "NOT_REBUILDABLE": _Code.FAILED_PRECONDITION,
    "REBUILD_STATE": _Code.FAILED_PRECONDITION,
    "PARKED": _Code.FAILED_PRECONDITION,
    "DEAD_LETTER_STATE": _Code.FAILED_PRECONDITION,
    "DEAD_LETTER_ORDER": _Code.FAILED_PRECONDITION,
    "COUNT_MISMATCH": _Code.FAILED_PRECONDITION,
    "UNIMPLEMENTED": _Code.UNIMPLEMENTED,
    "INTERNAL": _Code.INTERNAL,
}

_KNOWN: dict[type[Exception], Callable[..., RequestError]] = {
    RequestError: lambda e: e,
    DrainingError: lambda e: RequestError("NOT_READY", str(e)),
    ForeignPeerError: lambda e: RequestError("PERMISSION_DENIED", str(e)),
    NamelessPeerError: lambda e: RequestError("UNAUTHENTICATED", str(e)),
    TooManyCallsError: lambda e: RequestError.overloaded(e.wait_seconds),
    NoRouteError: lambda e: RequestError(
        "UNKNOWN_DOMAIN", f"No service registered for domain: {e.domain}", domain=e.domain
    ),
    store.CommandIdReusedError: lambda e: RequestError(
        "COMMAND_ID_REUSED", str(e), command_id=e.command_id
    ),
    store.ConflictError: lambda e: RequestError(
        "CONFLICT", f"Sequence conflict: {e}", expected=str(e.expected), next=str(e.actual)
    ),
    store.MainEditionError: lambda e: RequestError("INVALID_ARGUMENT", str(e), field="name"),
    store.EditionExistsError: lambda e: RequestError(
        "EDITION_EXISTS", str(e), edition=e.edition, domain=e.domain
    ),
    store.EditionDeletedError: lambda e: RequestError(
        "EDITION_DELETED", str(e), edition=e.edition, domain=e.domain
    ),
    store.DivergenceMismatchError: lambda e: RequestError(
        "DIVERGENCE_MISMATCH",
        str(e),
        edition=e.edition,
        domain=e.domain,
        recorded=str(e.recorded),
    ),
    store.FencedError: lambda e: RequestError("FENCED", str(e)),
    store.OverloadedError: lambda _: RequestError.overloaded(RETRY_SECONDS),
    store.StoreFullError: lambda _: RequestError("STORE_FULL", "Store is full"),
    store.DamagedError: lambda e: RequestError("DATA_DAMAGED", str(e), sequence=str(e.sequence)),
    store.PositionPastHeadError: lambda e: RequestError(
        "POSITION_PAST_HEAD", str(e), head=str(e.head)
    ),
    store.LogMismatchError: lambda e: RequestError("LOG_MISMATCH", str(e)),
    store.LetterRequestError: lambda e: RequestError("INVALID_ARGUMENT", str(e), field=e.field),
    store.UnknownLetterError: lambda e: RequestError("UNKNOWN_DEAD_LETTER", str(e), id=e.id),
    store.LetterStateError: lambda e: RequestError("DEAD_LETTER_STATE", str(e), id=e.id),
    store.LetterOrderError: lambda e: RequestError("DEAD_LETTER_ORDER", str(e), id=e.id),
    store.LetterCountError: lambda e: RequestError("COUNT_MISMATCH", str(e), count=str(e.count)),
    store.UnknownOutcomeError: lambda e: RequestError(
        "OUTCOME_UNKNOWN", str(e), command_id=e.command_id, outcome="unknown"
    ),
    store.StoreUnavailableError: lambda e: RequestError(
        "STORE_READ_FAILED", f"Failed to load events: {e}"
    ),
}


def request_error(error: Exception) -> RequestError | None:
    """Return what a known error of a lower layer means to a caller, or None."""
    for kind, make in _KNOWN.items():
        if isinstance(error, kind):
            return make(error)
    return None


def status_of(error: RequestError) -> RpcStatus:
    """Return the status of an answer, in the layout of google.rpc.Status, with its details."""
    metadata = {**NOT_APPLIED, **error.metadata}
    code = _Code.DEADLINE_EXCEEDED if metadata.pop("late", "") else CODES[error.reason]
    number = int(code.value[0])
    if not error.missed.HasField("cover"):
        return _status(number, error.message, _info(error.reason, metadata))
    book = EventBook(cover=error.missed.cover)
    best = RpcStatus()
    for page in (None, *error.missed.pages):
        book.pages.extend([page] if page else [])
        truncated = str(error.missed_count > len(book.pages)).lower()
        info = _info(error.reason, {**metadata, "truncated": truncated})
        longer = _status(number, error.message, info, book)
        if longer.ByteSize() > STATUS_BYTES:
            break
        best = longer
    return best


def _status(code: int, text: str, *details: Message) -> RpcStatus:
    short = text.encode()[:MESSAGE_BYTES].decode(errors="ignore")
    status = RpcStatus(code=code, message=short)
    for detail in details:
        status.details.add().Pack(detail)
    return status


def _info(reason: str, metadata: Mapping[str, str]) -> ErrorInfo:
    short = {name: value[:METADATA_CHARACTERS] for name, value in metadata.items()}
    return ErrorInfo(reason=reason, domain="angzarr", metadata=short)


def passed_on(error: CallError) -> RpcStatus:
    """Return a peer's status, under its code; one without details of its own gets our reason."""
    if error.details:
        status = RpcStatus.FromString(error.details)
        status.code = error.status.code
        return status
    details = [_info(error.reason, NOT_APPLIED)] if error.reason else []
    return _status(error.status.code, error.status.message, *details)


def encoded_status(error: CallError | RequestError) -> bytes:
    """Return the bytes of the status that the error is answered with, to be stored."""
    status = passed_on(error) if isinstance(error, CallError) else status_of(error)
    return status.SerializeToString()
