"""angzarr logs: what the processes print."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from angzarr_cli._exit import NOT_FOUND, CliError
from angzarr_cli._output import printable
from angzarr_cli._session import Session
from angzarr_ports import SystemClock

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
    chosen = {it: file for name in names for it, file in _matching(name, files)} or files
    offsets = {name: _show_end(name, path, tail) for name, path in chosen.items()}
    while follow:
        await SystemClock().sleep(LOOK_SECONDS)
        for name, path in chosen.items():
            offsets[name] = _show_new(name, path, offsets[name])


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


def _show_end(name: str, path: Path, count: int) -> int:
    data = path.read_bytes()
    for line in data.decode(errors="replace").splitlines()[-count:]:
        click.echo(f"{name}  {printable(line.expandtabs())}")
    return len(data)


def _show_new(name: str, path: Path, offset: int) -> int:
    if path.stat().st_size < offset:
        offset = 0
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    end = data.rfind(b"\n") + 1
    for line in data[:end].decode(errors="replace").splitlines():
        click.echo(f"{name}  {printable(line.expandtabs())}")
    return offset + end
