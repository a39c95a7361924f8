"""A reply of logic that breaks a rule: its event is parked at once."""

from angzarr.types_pb2 import RpcStatus
from angzarr_delivery import FailedError
from angzarr_service import CallError

INTERNAL = 13


def check_count(what: str, count: int, limit: int) -> None:
    """Refuse a reply that holds too much.

    Raises:
        FailedError: it does.
    """
    if count > limit:
        raise invalid_reply(f"Reply of {count} {what} exceeds the limit of {limit} {what}")


def invalid_reply(text: str) -> FailedError:
    """Return the failure of an event on which logic breaks a rule."""
    return final_failure(INTERNAL, text, "LOGIC_REPLY_INVALID")


def as_answer(failure: FailedError) -> CallError:
    """Return the failure of an event as the answer to who asked what would happen."""
    return CallError(RpcStatus.FromString(failure.status), failure.status, reached=True)


def final_failure(code: int, text: str, reason: str) -> FailedError:
    """Return a failure that no further attempt cures."""
    status = RpcStatus(code=code, message=text)
    return FailedError(status.SerializeToString(), reason, final=True)
