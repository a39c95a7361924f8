"""Exit codes, and errors as one sentence with the next step (experience.md §5)."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from angzarr_telemetry import printable
from angzarr_terminal._output import Format

if TYPE_CHECKING:
    from angzarr_settings import SettingsError

OK, FAILED, USAGE, NOT_FOUND, REFUSED = 0, 1, 2, 3, 4
CONFLICT, UNAVAILABLE, UNKNOWN, DENIED, PARKED, FOUND, INTERRUPTED = 5, 6, 7, 8, 9, 10, 130

UNREACHED, CONNECT = 14, "failed to connect"

CODES = {
    0: ("OK", OK),
    1: ("CANCELLED", UNKNOWN),
    2: ("UNKNOWN", FAILED),
    3: ("INVALID_ARGUMENT", REFUSED),
    4: ("DEADLINE_EXCEEDED", UNKNOWN),
    5: ("NOT_FOUND", NOT_FOUND),
    6: ("ALREADY_EXISTS", CONFLICT),
    7: ("PERMISSION_DENIED", DENIED),
    8: ("RESOURCE_EXHAUSTED", UNAVAILABLE),
    9: ("FAILED_PRECONDITION", REFUSED),
    10: ("ABORTED", CONFLICT),
    11: ("OUT_OF_RANGE", REFUSED),
    12: ("UNIMPLEMENTED", FAILED),
    13: ("INTERNAL", FAILED),
    14: ("UNAVAILABLE", UNAVAILABLE),
    15: ("DATA_LOSS", FAILED),
    16: ("UNAUTHENTICATED", DENIED),
}


class CliError(Exception):
    """A command of this tool ends with an exit code, a sentence and the next step."""

    def __init__(self, exit_code: int, message: str, *, code: str = "", then: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.code = code
        self.then = then

    @staticmethod
    def of_status(code: int, message: str, then: str = "") -> "CliError":
        """Return the error that a gRPC status means."""
        if code == UNREACHED and CONNECT in message:
            text = "no gateway answers: is the application running?"
            return CliError(UNAVAILABLE, text, then="angzarr up")
        name, exit_code = CODES.get(code, CODES[2])
        return CliError(exit_code, printable(message), code=name, then=then)

    @staticmethod
    def of_settings(error: "SettingsError") -> "CliError":
        """Return the error that a wrong setting means."""
        return CliError(USAGE, f"{error.what} ({error.origin}). {error.fix}")

    def show(self, form: Format) -> None:
        """Write it to standard error."""
        if form is not Format.TABLE:
            plain = {
                "schema": "angzarr.cli.error/1",
                "exit": self.exit_code,
                "code": self.code,
                "message": self.message,
                "next": self.then or None,
                "details": {},
            }
            click.echo(json.dumps(plain), err=True)
            return
        text = f"refused   {self.code}\n  {self.message}" if self.code else self.message
        click.echo("\n".join(map(printable, text.split("\n"))), err=True)
        if self.then:
            click.echo(f"next: {self.then}", err=True)


@contextmanager
def errors_as_exit_codes(form: Format, *, debug: bool) -> Iterator[None]:
    """End the process as its table says; with `debug` show the traceback instead."""
    try:
        yield
    except (CliError, BrokenPipeError, KeyboardInterrupt, BaseExceptionGroup) as error:
        code = _exit_code(error, form)
        if debug or code is None:
            raise
        sys.exit(code)


def _exit_code(error: BaseException, form: Format) -> int | None:
    """Return how the process ends after showing why; None for an error that is not known."""
    match error:
        case BaseExceptionGroup():
            return _exit_code(error.exceptions[0], form)
        case CliError():
            error.show(form)
            return error.exit_code
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return OK
        case KeyboardInterrupt():
            return INTERRUPTED
        case _:
            return None
