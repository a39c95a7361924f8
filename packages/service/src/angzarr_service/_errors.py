"""Errors of serving and calling.

RequestError    a request is answered with a status: reason, message, metadata
CallError       a call to a peer failed: the status it gave, and whether it may have acted
UnhealthyError  a peer cannot be used now
"""

import math
from collections.abc import Mapping
from enum import Enum

from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped]  # no stubs

import angzarr
from angzarr.types_pb2 import EventBook, RpcStatus


class Fault(Enum):
    """What a failed call met in place of the peer's own word."""

    NONE = "the peer answered"
    SILENCE = "nobody answered"
    LATENESS = "no answer in time"
    GARBAGE = "the answer is no message"


class RequestError(Exception):
    """A request cannot be fulfilled; `reason` decides the code (contract.md §6)."""

    def __init__(self, reason: str, message: str, /, **metadata: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata
        self.missed = EventBook()
        self.missed_count = 0

    @staticmethod
    def unknown(command_id: str) -> "RequestError":
        """Return the answer to a command that may or may not take effect when its time is over."""
        text = "Outcome unknown; retry with the same command_id"
        return RequestError(
            "OUTCOME_UNKNOWN", text, outcome="unknown", late="true", command_id=command_id
        )

    @staticmethod
    def too_large(what: str, size: int, limit: int) -> "RequestError":
        """Return the answer to a message that is too large."""
        text = f"{what} of {size} bytes exceeds the limit of {limit} bytes"
        return RequestError("MESSAGE_TOO_LARGE", text, limit=str(limit))

    @staticmethod
    def closed() -> "RequestError":
        """Return the end of a stream that could go on."""
        return RequestError("STREAM_CLOSED", "Stream closed; resume with after_position")

    @staticmethod
    def overloaded(wait_seconds: float) -> "RequestError":
        """Return the answer to a request for which there is no room now."""
        milliseconds = str(math.ceil(wait_seconds * 1000))
        return RequestError(
            "OVERLOADED", "Too many requests in flight", retry_after_ms=milliseconds
        )

    def with_missed(self, book: EventBook, count: int) -> "RequestError":
        """Show the first of `count` pages that the caller did not know; return itself."""
        self.missed, self.missed_count = book, count
        return self


def refuse(fault: angzarr.Fault | None) -> None:
    """Return when there is no fault.

    Raises:
        RequestError: INVALID_ARGUMENT.
    """
    if fault is not None:
        raise RequestError("INVALID_ARGUMENT", fault.message, field=fault.field)


class CallError(Exception):
    """A peer answered with a status, or did not answer.

    `details` is the encoded google.rpc.Status of the answer, empty without one; `fault` says what
    else than an answer it was; `reached` that the peer may have acted.
    """

    def __init__(
        self, status: RpcStatus, details: bytes, *, reached: bool, fault: Fault = Fault.NONE
    ) -> None:
        super().__init__(status.message)
        self.status = status
        self.details = _readable(details)
        self.reached = reached
        self.fault = fault
        self.reason = ""

    @property
    def peer_reason(self) -> str:
        """Return the reason in the peer's details (contract.md §6), "" without one."""
        info = self._info()
        return str(info.reason) if info is not None else ""

    @property
    def peer_metadata(self) -> Mapping[str, str]:
        """Return the metadata in the peer's details (contract.md §6), empty without any."""
        info = self._info()
        return info.metadata if info is not None else {}

    @property
    def is_unknown(self) -> bool:
        """Say whether the call may have taken effect although it failed."""
        info = self._info()
        if info is None:
            return self.reached
        return bool(info.metadata.get("outcome") == "unknown")

    @property
    def is_final(self) -> bool:
        """Say whether it settles the command id or the sequence for ever (reliability.md §2.4)."""
        if not self.status.is_rejection_code:
            return self.peer_reason == "SEQUENCE_MISMATCH"
        return self.peer_reason in {"", "LOGIC_REJECTED", "COMMAND_REVOKED"}

    def _info(self) -> ErrorInfo | None:
        info, details = ErrorInfo(), RpcStatus.FromString(self.details).details
        return next((info for detail in details if detail.Unpack(info)), None)

    def with_reason(self, reason: str) -> "CallError":
        """Name the reason that our answer gives if the peer gave no details; return itself."""
        self.reason = reason
        return self


def _readable(details: bytes) -> bytes:
    """Return the details of an answer, none when they are not what they should be."""
    try:
        for detail in RpcStatus.FromString(details).details:
            detail.Unpack(ErrorInfo())
    except DecodeError:
        return b""
    return details


class UnhealthyError(Exception):
    """A peer cannot be used now; its text says why."""
