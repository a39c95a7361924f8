"""What the answer to a sent command means (the table of contract.md §4.5)."""

from dataclasses import dataclass, field
from enum import Enum

from angzarr.types_pb2 import RevocationResponse, RpcStatus

_OK, _ABORTED = 0, 10
_WIRING = frozenset({"COMMAND_ID_REUSED", "PERMISSION_DENIED", "UNAUTHENTICATED", "DATA_DAMAGED"})


class Verdict(Enum):
    """What follows from an answer."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PARK = "park"
    RETRY = "retry"
    RETRY_THEN_REJECT = "retry, then rejected"
    DECIDE_AGAIN = "decide again on fresh state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the coordinator of the target said; `status` has the layout of google.rpc.Status.

    Shape: `events` is how many were stored; `revocation` is what COMMAND_REVOKED asks for.
    """

    status: RpcStatus
    reason: str = ""
    events: int = 0
    revocation: RevocationResponse = field(default_factory=RevocationResponse)

    @property
    def words(self) -> str:
        """Return why nothing was done, for people."""
        if self.status.code == _OK:
            return "The source answered without an event"
        return self.revocation.reason or self.status.message

    @property
    def verdict(self) -> Verdict:
        """Return the row of the table that the answer belongs to."""
        if self.status.code == _OK:
            return Verdict.ACCEPTED
        if self.reason == "UNKNOWN_DOMAIN":
            return Verdict.RETRY_THEN_REJECT
        if self.status.is_unimplemented or self.reason in _WIRING:
            return Verdict.PARK
        if self.status.is_rejection_code or self.reason == "MESSAGE_TOO_LARGE":
            return Verdict.REJECTED
        if self.status.code == _ABORTED and self.reason in {"", "SEQUENCE_MISMATCH"}:
            return Verdict.DECIDE_AGAIN
        return Verdict.RETRY
