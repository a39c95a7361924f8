"""The command angzarr: options for all, sub-commands loaded when they are used."""

import importlib
from importlib import metadata

import click
from typing_extensions import override

from angzarr_cli._session import Session
from angzarr_terminal import Format

COMMANDS = {
    "deadletter": "angzarr_cli._deadletter:deadletter",
    "edition": "angzarr_editions:edition",
    "doctor": "angzarr_cli._doctor:doctor",
    "logs": "angzarr_cli._logs:logs",
    "process": "angzarr_processes:process",
    "projector": "angzarr_rebuilds:projector",
    "ps": "angzarr_cli._ps:ps",
    "send": "angzarr_cli._send:send",
    "standalone": "angzarr_cli._up:up",
    "state": "angzarr_cli._state:state",
    "store": "angzarr_cli._store:store",
    "stream": "angzarr_cli._stream:stream",
    "subscriber": "angzarr_inspection:subscriber",
    "timer": "angzarr_processes:timer",
    "topology": "angzarr_inspection:topology",
    "trace": "angzarr_inspection:trace",
    "up": "angzarr_cli._up:up",
    "verify": "angzarr_cli._doctor:verify",
}


class Lazy(click.Group):
    """A group that imports a command when it is asked for."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return sorted(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        del ctx
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--gateway", default="", metavar="HOST:PORT", help="Gateway to talk to.")
@click.option("--config", default="", metavar="FILE", help="File of the application.")
@click.option("--edition", default="", metavar="NAME", help="Branch of history; none is main.")
@click.option("-o", "--output", type=click.Choice([it.value for it in Format]), default="table")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(metadata.version("angzarr-cli"), prog_name="angzarr")
@click.pass_context
def main(ctx: click.Context, /, output: str, timeout: float, *, debug: bool, **where: str) -> None:
    """Run event-sourced applications, send commands, read events.

    \b
    angzarr up
    angzarr send order/new CreateOrder -d @order.json
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    ctx.obj = Session(
        **where,
        form=Format(output),
        timeout_seconds=timeout,
        debug=debug,
    )
