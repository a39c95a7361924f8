"""Errors of serving and calling.

RequestError    a request is answered with a status: reason, message, metadata
CallError       a call to a peer failed: the status it gave, and whether it may have acted
"""

from angzarr.types_pb2 import RpcStatus


class RequestError(Exception):
    """A request cannot be fulfilled; `reason` decides the code (contract.md §6)."""

    def __init__(self, reason: str, message: str, /, **metadata: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata


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

    def with_reason(self, reason: str) -> "CallError":
        """Name the reason that our answer gives if the peer gave no details; return itself."""
        self.reason = reason
        return self
