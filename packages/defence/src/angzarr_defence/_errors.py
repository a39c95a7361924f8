"""Errors of the defence.

DefenceError
├── ForeignPeerError    the caller is neither this user nor root
└── TooManyCallsError   the caller has used up its share; when to come again
"""


class DefenceError(Exception):
    """A caller is turned away before anything of its request is looked at."""


class ForeignPeerError(DefenceError):
    """The kernel says that the other end of the connection is not ours."""

    def __init__(self) -> None:
        super().__init__("Only the user who runs this process may call it")


class TooManyCallsError(DefenceError):
    """The caller called more often than allowed."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__("Too many requests in flight")
        self.wait_seconds = wait_seconds
