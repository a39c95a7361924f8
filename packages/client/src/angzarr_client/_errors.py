"""Errors of business logic and of a client.

LogicError              what a handler raises to answer with a status
├── CommandRejectedError    a rule says no: FAILED_PRECONDITION
├── InvalidCommandError     the command makes no sense: INVALID_ARGUMENT
├── TryAgainError           not now: UNAVAILABLE
└── UnhandledRejectionError nobody takes back what led to a refused command: UNIMPLEMENTED
CommandError            what a client hears of a command that was not accepted
UndeclaredOutputError   a saga sent what it had not declared
"""

from typing import ClassVar

from angzarr.types_pb2 import RpcStatus
from angzarr_service import CallError


class LogicError(Exception):
    """A handler answers with a status; its text is passed on exactly."""

    code: ClassVar[int]

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def as_call_error(self) -> CallError:
        """Return the error that a server answers with."""
        return CallError(RpcStatus(code=self.code, message=self.text), b"", reached=True)


class CommandRejectedError(LogicError):
    """A business rule refuses the command; the refusal is final for its command id."""

    code = 9


def require(condition: object, otherwise: str) -> None:
    """Go on if the condition holds.

    Raises:
        CommandRejectedError: it does not; the command is refused with the text.
    """
    if not condition:
        raise CommandRejectedError(otherwise)


class InvalidCommandError(LogicError):
    """The command itself is wrong; sending it again cannot help."""

    code = 3


class TryAgainError(LogicError):
    """Something outside is missing now; the same command may succeed later."""

    code = 14


class UnhandledRejectionError(LogicError):
    """The router has no function for the refusal of such a command."""

    code = 12

    def __init__(self, domain: str, type_name: str) -> None:
        short = type_name.rpartition(".")[2]
        super().__init__(f"{domain} has no .on_rejected({short})")


class UndeclaredOutputError(Exception):
    """A saga decided a command that its router does not declare."""

    def __init__(self, name: str, domain: str, type_name: str) -> None:
        short = type_name.rpartition(".")[2]
        super().__init__(f'{name} sent {short} to {domain} without .sends("{domain}", {short}).')
        self.domain = domain
        self.type_name = type_name


class CommandError(Exception):
    """A command was not accepted, or nobody can say.

    `code` is the gRPC code, `reason` one of contract.md §6 or "", `is_unknown` says that the
    command may have taken effect: send it again under the same id.
    """

    def __init__(self, error: CallError, command_id: str, *, is_unknown: bool) -> None:
        super().__init__(error.status.message)
        self.code = error.status.code
        self.reason = error.peer_reason
        self.message = error.status.message
        self.command_id = command_id
        self.is_unknown = is_unknown
