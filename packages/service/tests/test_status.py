"""Errors of every layer become the statuses of the wire contract."""

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo

import angzarr_store as store
from angzarr.types_pb2 import RpcStatus
from angzarr_discovery import NoRouteError
from angzarr_service import CallError, RequestError, encoded_status
from angzarr_service._status import passed_on, request_error, status_of


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (store.ConflictError(1, 2), "UNAVAILABLE", "CONFLICT"),
        (store.CommandIdReusedError("c"), "INVALID_ARGUMENT", "COMMAND_ID_REUSED"),
        (store.FencedError("x", 1), "UNAVAILABLE", "FENCED"),
        (store.OverloadedError("x"), "RESOURCE_EXHAUSTED", "OVERLOADED"),
        (store.StoreFullError("x"), "RESOURCE_EXHAUSTED", "STORE_FULL"),
        (store.StoreUnavailableError("x"), "INTERNAL", "STORE_READ_FAILED"),
        (store.DamagedError("order", b"", 1), "DATA_LOSS", "DATA_DAMAGED"),
        (store.PositionPastHeadError("order", 2, 1), "OUT_OF_RANGE", "POSITION_PAST_HEAD"),
        (store.LogMismatchError("order", 2), "FAILED_PRECONDITION", "LOG_MISMATCH"),
        (store.UnknownOutcomeError("c"), "UNAVAILABLE", "OUTCOME_UNKNOWN"),
        (NoRouteError("cart", ()), "NOT_FOUND", "UNKNOWN_DOMAIN"),
        (RequestError("OUTCOME_UNKNOWN", "x", late="true"), "DEADLINE_EXCEEDED", "OUTCOME_UNKNOWN"),
    ],
)
def test_an_error_has_one_status(error: Exception, code: str, reason: str) -> None:
    """Code and reason are those of the table in contract.md §6."""
    known = request_error(error)
    assert known is not None

    status = status_of(known)
    info = ErrorInfo()
    status.details[0].Unpack(info)

    assert (status.code, info.reason) == (grpc.StatusCode[code].value[0], reason)
    unknown = reason == "OUTCOME_UNKNOWN" and "late" not in getattr(known, "metadata", {})
    assert (info.metadata["outcome"] == "unknown") == unknown


def test_what_is_not_ours_is_not_translated() -> None:
    """An unexpected exception has no status of its own."""
    assert request_error(ValueError("a secret")) is None


def test_a_long_message_is_cut() -> None:
    """A status message has at most 1,024 bytes."""
    status = status_of(RequestError("INTERNAL", "ö" * 2000))

    assert len(status.message.encode()) <= 1024


def test_a_status_of_a_peer_passes_unchanged() -> None:
    """Details of its own are kept; without them our reason is added."""
    own = RpcStatus(code=9, message="no")
    own.details.add(type_url="type.googleapis.com/x.Y", value=b"z")
    detailed = CallError(RpcStatus(code=9), own.SerializeToString(), reached=True)
    bare = CallError(RpcStatus(code=9, message="no"), b"", reached=True)

    assert passed_on(detailed) == own
    assert list(passed_on(bare).details) == []
    assert (
        len(RpcStatus.FromString(encoded_status(bare.with_reason("LOGIC_REJECTED"))).details) == 1
    )


def test_details_say_nothing_else_than_the_code() -> None:
    """A refusal whose details say OK stays a refusal, whoever passes it on."""
    lie = RpcStatus(code=0, message="fine").SerializeToString()
    error = CallError(RpcStatus(code=9, message="no"), lie, reached=True)

    assert RpcStatus.FromString(encoded_status(error)).code == 9


BROKEN_REASON = RpcStatus(code=9)
BROKEN_REASON.details.add(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=b"\xff\xff")


@pytest.mark.parametrize("details", [b"\xff\xff", BROKEN_REASON.SerializeToString()])
def test_details_that_cannot_be_read_are_dropped(details: bytes) -> None:
    """The status without them is passed on, with our reason."""
    error = CallError(RpcStatus(code=9, message="no"), details, reached=True)
    status = passed_on(error.with_reason("LOGIC_REJECTED"))

    assert (error.peer_reason, status.code, status.message) == ("", 9, "no")
    assert len(status.details) == 1


def test_a_long_message_of_a_peer_is_cut() -> None:
    """It would be too large for the trailer, twice over."""
    error = CallError(RpcStatus(code=9, message="x" * 5000), b"", reached=True)

    assert len(passed_on(error.with_reason("LOGIC_REJECTED")).message) == 1024
