"""angzarr up: an application until Ctrl-C."""

import asyncio
import dataclasses
import signal
from collections.abc import Sequence

import click

import angzarr_standalone as standalone
from angzarr_cli._session import Session
from angzarr_cli._terminal import Terminal, explained
from angzarr_defence import harden
from angzarr_ports import real_system
from angzarr_settings import ProjectSettings, SettingsError, environment
from angzarr_terminal import FAILED, USAGE, CliError

OTHER_PORTS = 100
KEYS = {"gateway": "gateway.listen", "store": "store.kind", "bus": "bus.kind"}


@click.command()
@click.option("--config", default="", metavar="FILE", help="File of the application.")
@click.option("--gateway", default="", metavar="HOST:PORT", help="Where the gateway listens.")
@click.option("--store", default="", metavar="KIND", help="Which store, at store.url.")
@click.option("--bus", default="", metavar="KIND", help="Which bus, at bus.url.")
@click.option("--no-tcp", is_flag=True, help="Listen on Unix sockets only.")
@click.option("-q", "--quiet", is_flag=True, help="One line per failure only.")
@click.pass_obj
def up(session: Session, /, config: str, *, no_tcp: bool, quiet: bool, **chosen: str) -> None:
    """Start an application and keep it running until Ctrl-C.

    \b
    angzarr up
    angzarr up --config examples/python/standalone.yaml
    ANGZARR_STORE__URL=postgresql://localhost/shop angzarr up --store postgres
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    harden()
    session = dataclasses.replace(session, config=config or session.config)
    flags = [f"--{KEYS[name]}={value}" for name, value in chosen.items() if value]
    session.run(_up(session, flags, no_tcp=no_tcp, quiet=quiet))


async def _up(session: Session, flags: Sequence[str], *, no_tcp: bool, quiet: bool) -> None:
    project = session.project(*flags)
    if no_tcp:
        project = project.without_tcp()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    died: list[BaseException] = []

    def failed(_name: str, error: BaseException) -> None:
        died.append(error)
        stop.set()

    system = real_system(failed)
    terminal = Terminal(system.clock, quiet=quiet)
    try:
        await standalone.up(project, system, stop, environment=environment(), reporter=terminal)
    except (
        SettingsError,
        standalone.RunningError,
        standalone.PortTakenError,
        standalone.StartError,
    ) as error:
        raise _sentence(project, error) from error
    finally:
        await system.tasks.aclose()
    if died:
        raise died[0]


def _sentence(project: ProjectSettings, error: Exception) -> CliError:
    match error:
        case SettingsError():
            return CliError.of_settings(error)
        case standalone.PortTakenError(port=port):
            return CliError(USAGE, str(error), then=_elsewhere(project, port))
        case standalone.StartError(lines=lines):
            shown = "".join(f"\n  {line}" for line in explained(lines))
            name = project.project or "the project"
            text = f"{name} cannot start: {error}.{shown}"
            return CliError(FAILED, text, then=f"angzarr logs {error.process}")
        case _:
            return CliError(USAGE, str(error), then="angzarr ps")


def _elsewhere(project: ProjectSettings, port: int) -> str:
    """Return the command that starts the project beside whoever has the port."""
    key, address = next(it for it in project.listeners.items() if it[1].endswith(f":{port}"))
    free = f"{address.rpartition(':')[0]}:{port + OTHER_PORTS}"
    if key == "gateway.listen":
        return f"angzarr up --gateway {free}"
    return f"ANGZARR_{key.upper().replace('.', '__')}={free} angzarr up"
