"""angzarr logs: what the processes print."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

from angzarr_cli._session import Session
from angzarr_ports import SystemClock
from angzarr_telemetry import printable
from angzarr_terminal import NOT_FOUND, CliError

LOOK_SECONDS = 0.2


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on as more is printed.")
@click.option("--tail", default=200, show_default=True, help="Lines to begin with.")
@click.argument("names", nargs=-1)
@click.pass_obj
def logs(session: Session, names: Sequence[str], tail: int, *, follow: bool) -> None:
    """Show what processes printed, each line behind the name of its process.

    \b
    angzarr logs -f
    angzarr logs coordinator-aggregate-order --tail 20
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    session.run(_logs(session, names, tail, follow=follow))


async def _logs(session: Session, names: Sequence[str], tail: int, *, follow: bool) -> None:
    directory = _directory(session)
    files = {path.stem: path for path in sorted(directory.glob("*.log"))}
    chosen = {key: file for name in names for key, file in _matching(name, files)} or files
    tails = [_Tail(name, path) for name, path in chosen.items()]
    for it in tails:
        it.show_end(tail)
    while follow:
        await SystemClock().sleep(LOOK_SECONDS)
        for it in tails:
            it.show_new()


def _matching(name: str, files: Mapping[str, Path]) -> list[tuple[str, Path]]:
    """Return the logs of a process, or of both processes of a component."""
    found = [(it, files[it]) for it in (name, f"coordinator-{name}") if it in files]
    if not found:
        known = ", ".join(files) or "none"
        raise CliError(NOT_FOUND, f'no process "{name}" has logged; known: {known}.')
    return found


def _directory(session: Session) -> Path:
    status = session.found_status()
    if status is not None:
        return Path(status.logs)
    return Path(session.project().home) / ".angzarr" / "logs"


class _Tail:
    """The end of one log; a full file becomes the old one, and the next begins anew."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path
        self._file = path.open("rb")

    def show_end(self, count: int) -> None:
        """Print the last lines."""
        lines = self._read()
        for line in lines[max(0, len(lines) - count) :]:
            self._show(line)

    def show_new(self) -> None:
        """Print what came since, of the old file too if another has taken its place."""
        for line in self._read():
            self._show(line)
        with suppress(FileNotFoundError):
            if self._path.stat().st_ino != os.fstat(self._file.fileno()).st_ino:
                self._file.close()
                self._file = self._path.open("rb")

    def _read(self) -> list[bytes]:
        """Return the whole lines that are new; what has no end yet is read again."""
        data = self._file.read()
        end = data.rfind(b"\n") + 1
        self._file.seek(end - len(data), os.SEEK_CUR)
        return data[:end].splitlines()

    def _show(self, line: bytes) -> None:
        click.echo(f"{self._name}  {printable(line.decode(errors='replace').expandtabs())}")
