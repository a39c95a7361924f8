"""Errors of handling events.

FailedError   this event could not be handled: try it again, or park it
PauseError    no event can be handled now: wait, and count no attempt
HaltedError   a subscription cannot go on until somebody acts
"""

from collections.abc import Sequence

from angzarr_store import Change, LetterKind


class FailedError(Exception):
    """The event could not be handled; it is tried again, or parked at once when `final`.

    `status` is the encoded status of the failure, `reason` one word for the operator; `changes`
    are stored together with the letter, if the event is parked. A letter of another `kind` than
    EVENT holds `payload`, the CommandBook that failed.
    """

    def __init__(
        self,
        status: bytes,
        reason: str,
        *,
        final: bool = False,
        changes: Sequence[Change] = (),
        kind: LetterKind = LetterKind.EVENT,
        payload: bytes = b"",
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.final = final
        self.changes = changes
        self.kind = kind
        self.payload = payload


class _WhyError(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PauseError(_WhyError):
    """The logic cannot be asked at all: wait, and count no attempt."""


class HaltedError(_WhyError):
    """The subscription cannot go on: the log was rewritten, or too much is parked."""
