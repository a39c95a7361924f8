"""Errors of serving and calling.

RequestError    a request is answered with a status: reason, message, metadata
CallError       a call to a peer failed: the status it gave, and whether it may have acted
UnhealthyError  a peer cannot be used now
"""

from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped]  # no stubs

from angzarr.types_pb2 import EventBook, RpcStatus

_UNAVAILABLE = 14


class RequestError(Exception):
    """A request cannot be fulfilled; `reason` decides the code (contract.md §6)."""

    def __init__(self, reason: str, message: str, /, **metadata: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata
        self.missed = EventBook()
        self.missed_count = 0

    def with_missed(self, book: EventBook, count: int) -> "RequestError":
        """Show the first of `count` pages that the caller did not know; return itself."""
        self.missed, self.missed_count = book, count
        return self


class CallError(Exception):
    """A peer answered with a status, or did not answer.

    `details` is the encoded google.rpc.Status of the answer, empty without one.
    """

    def __init__(self, status: RpcStatus, details: bytes, *, reached: bool) -> None:
        super().__init__(status.message)
        self.status = status
        self.details = details
        self.reached = reached
        self.reason = ""

    @property
    def is_silence(self) -> bool:
        """Say whether nobody answered: UNAVAILABLE from the transport, not from the peer."""
        return self.status.code == _UNAVAILABLE and not self.details

    @property
    def peer_reason(self) -> str:
        """Return the reason in the peer's details (contract.md §6), "" without one."""
        info = self._info()
        return str(info.reason) if info is not None else ""

    @property
    def is_unknown(self) -> bool:
        """Say whether the call may have taken effect although it failed."""
        info = self._info()
        if info is None:
            return self.reached
        return bool(info.metadata.get("outcome") == "unknown")

    def _info(self) -> ErrorInfo | None:
        try:
            details = RpcStatus.FromString(self.details).details
        except DecodeError:
            return None
        info = ErrorInfo()
        return next((info for detail in details if detail.Unpack(info)), None)

    def with_reason(self, reason: str) -> "CallError":
        """Name the reason that our answer gives if the peer gave no details; return itself."""
        self.reason = reason
        return self


class UnhealthyError(Exception):
    """A peer cannot be used now."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
