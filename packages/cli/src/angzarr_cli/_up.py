"""angzarr up: an application until Ctrl-C."""

import asyncio
import dataclasses
import signal
from collections.abc import Sequence
from importlib import metadata

import click

import angzarr_standalone as standalone
from angzarr_cli._exit import FAILED, USAGE, CliError
from angzarr_cli._session import Session
from angzarr_ports import real_system
from angzarr_settings import GatewaySettings, ProjectSettings, SettingsError, environment


@click.command()
@click.option("--config", default="", metavar="FILE", help="File of the application.")
@click.option("--listen", default="", metavar="HOST:PORT", help="Where the gateway listens.")
@click.option("-q", "--quiet", is_flag=True, help="One line per failure only.")
@click.pass_obj
def up(session: Session, config: str, listen: str, *, quiet: bool) -> None:
    """Start an application and keep it running until Ctrl-C.

    \b
    angzarr up
    angzarr up --config examples/python/standalone.yaml
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    session = dataclasses.replace(session, config=config or session.config)
    session.run(_up(session, listen, quiet=quiet))


async def _up(session: Session, listen: str, *, quiet: bool) -> None:
    project = session.project()
    if listen:
        project = dataclasses.replace(project, gateway=GatewaySettings(listen=listen))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    system = real_system(lambda name, error: _died(stop, name, error))
    try:
        await standalone.up(
            project, system, stop, environment=environment(), reporter=Terminal(quiet=quiet)
        )
    except standalone.RunningError as error:
        raise CliError(USAGE, str(error), then="angzarr ps") from error
    except SettingsError as error:
        raise CliError(USAGE, f"{error.what} ({error.origin}).", then=error.fix) from error
    except standalone.StartError as error:
        raise CliError(FAILED, _sentence(project, error), then="angzarr logs") from error
    finally:
        await system.tasks.aclose()


def _died(stop: asyncio.Event, name: str, error: BaseException) -> None:
    click.echo(f"internal error in {name}: {error!r}", err=True)
    stop.set()


def _sentence(project: ProjectSettings, error: standalone.StartError) -> str:
    shown = "".join(f"\n    {line}" for line in error.lines[-8:])
    return f"{project.project or 'the project'} cannot start: {error}{shown}"


class Terminal:
    """Tells people what happens."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def ready(self, status: standalone.Status, seconds: float) -> None:
        """Write the banner."""
        if self._quiet:
            return
        version, count = metadata.version("angzarr-cli"), len(status.components)
        click.echo(f"angzarr {version}   {status.project}   {count} components\n")
        for component in status.components:
            name, kind = component.name.ljust(28), component.kind.ljust(10)
            reads = ", ".join(interest.domain for interest in component.inputs)
            takes = _short([type_ for it in component.inputs for type_ in it.types])
            what = takes if component.kind == "aggregate" else reads
            click.echo(f"  {name}{kind}<- {what}"[:80])
        click.echo(f"\n  Gateway     {status.gateway}")
        click.echo(f"  Store       {status.store}")
        click.echo(f"  Logs        {status.logs}   angzarr logs -f")
        click.echo(f"  Ready in {seconds:.1f} s. Ctrl-C stops everything.")

    def failed(self, process: str, text: str, lines: Sequence[str]) -> None:
        """Write one block per failure."""
        click.echo(f"{process}  {text}", err=True)
        for line in () if self._quiet else lines[-3:]:
            click.echo(f"    {line}", err=True)
        click.echo(f"next: angzarr logs {process}", err=True)


def _short(types: Sequence[str]) -> str:
    return ", ".join(name.rpartition(".")[2] for name in types)
