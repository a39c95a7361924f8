"""Errors of the defence.

DefenceError
├── DrainingError       the process ends and takes no new request
├── ForeignPeerError    the caller is neither this user nor root
├── NamelessPeerError   the caller's certificate names no component of ours
└── TooManyCallsError   the caller, or all of them, have used up their share
"""


class DefenceError(Exception):
    """A caller is turned away before anything of its request is looked at."""


class DrainingError(DefenceError):
    """Requests that are being answered are finished, others are not begun."""

    def __init__(self) -> None:
        super().__init__("Not ready: draining")


class ForeignPeerError(DefenceError):
    """The kernel says that the other end of the connection is not ours."""

    def __init__(self) -> None:
        super().__init__("Only the user who runs this process may call it")


class NamelessPeerError(DefenceError):
    """An authority of ours vouches for the caller, who is no component of this namespace."""

    def __init__(self) -> None:
        super().__init__("The certificate names no component of this namespace")


class TooManyCallsError(DefenceError):
    """There is no room for one more call; there may be in a while."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__("Too many requests in flight")
        self.wait_seconds = wait_seconds
