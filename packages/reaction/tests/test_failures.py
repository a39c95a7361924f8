"""What goes wrong around an event says whether it is tried again, waited for or parked."""

import pytest

from angzarr.types_pb2 import RpcStatus
from angzarr_delivery import FailedError, PauseError
from angzarr_reaction import Logic, check_count, final_failure, invalid_reply
from angzarr_service import CallError, RequestError, encoded_status

UNAVAILABLE, UNKNOWN, RESOURCE_EXHAUSTED = 14, 2, 8


def error(code: int, reason: str = "") -> CallError:
    """Return the error of a call that was answered with a status."""
    details = encoded_status(RequestError(reason, "no")) if reason else b""
    return CallError(RpcStatus(code=code, message="no"), details, reached=True)


def test_logic_that_cannot_be_reached_is_waited_for() -> None:
    """It pauses the subscription: no event is at fault."""
    assert isinstance(Logic.failure(error(UNAVAILABLE)), PauseError)


@pytest.mark.parametrize(
    ("code", "reason", "told", "is_final"),
    [
        (UNKNOWN, "", "LOGIC_FAILED", False),
        (UNKNOWN, "OVERLOADED", "OVERLOADED", False),
        (RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE", True),
    ],
)
def test_logic_that_fails_is_asked_again(
    code: int, reason: str, told: str, *, is_final: bool
) -> None:
    """Only what can never fit is given up at once; the reason is the peer's."""
    failure = Logic.failure(error(code, reason))

    assert isinstance(failure, FailedError)
    assert (failure.reason, failure.final) == (told, is_final)


def test_a_reply_that_breaks_a_rule_parks_its_event() -> None:
    """The text says which rule, and no attempt follows."""
    check_count("commands", 3, 3)
    with pytest.raises(FailedError) as caught:
        check_count("commands", 4, 3)
    others = [invalid_reply("why"), final_failure(9, "why", "SAGA_EVENTS_UNSUPPORTED")]

    status = RpcStatus.FromString(caught.value.status)
    assert status.message == "Reply of 4 commands exceeds the limit of 3 commands"
    assert [it.final for it in (caught.value, *others)] == [True] * 3
    assert [it.reason for it in others] == ["LOGIC_REPLY_INVALID", "SAGA_EVENTS_UNSUPPORTED"]
