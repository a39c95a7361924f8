"""Commands that were sent, kept so that one can be sent again byte for byte (experience.md §6)."""

from datetime import timedelta
from pathlib import Path

from google.protobuf.message import DecodeError

from angzarr.types_pb2 import CommandBook
from angzarr_ports import Clock
from angzarr_terminal import NOT_FOUND, CliError

KEPT = timedelta(days=7)
LEAST_DIGITS = 4


class Sent:
    """One file per command in a private directory, named after the command id."""

    def __init__(self, state_home: str, home: str, clock: Clock) -> None:
        base = Path(state_home) if state_home else Path(home) / ".local" / "state"
        self._directory = base / "angzarr" / "sent"
        self._clock = clock

    def keep(self, book: CommandBook) -> None:
        """Keep a command before it is sent; forget those older than a week.

        An unwritable home directory costs only the memory, never the command.
        """
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._directory / book.command_id.replace("/", "_")
            path.write_bytes(book.SerializeToString())
            self._forget()
        except OSError:
            return

    def find(self, beginning: str) -> CommandBook:
        """Return the command whose id begins so.

        Raises:
            CliError: none does, or several do.
        """
        found = [it for it in self._directory.glob("*") if it.name.startswith(beginning)]
        if len(found) != 1 or len(beginning) < LEAST_DIGITS:
            what = f"{len(found)} commands that were sent" if found else "no command that was sent"
            text = f"{what} in the last 7 days from here begin with {beginning}."
            raise CliError(NOT_FOUND, text)
        try:
            return CommandBook.FromString(found[0].read_bytes())
        except DecodeError as error:
            raise CliError(NOT_FOUND, f"{found[0]} holds no command.") from error

    def _forget(self) -> None:
        oldest = (self._clock.now() - KEPT).timestamp()
        for path in self._directory.glob("*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
