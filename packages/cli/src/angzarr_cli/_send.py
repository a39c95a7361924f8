"""angzarr send: one command."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from google.protobuf import json_format

from angzarr import rpc
from angzarr.types_pb2 import CommandBook, CommandResponse, DryRunRequest, SyncMode
from angzarr_cli._json import DEEPEST, parsed
from angzarr_cli._root import Root, read_book, resolve
from angzarr_cli._sent import Sent
from angzarr_cli._session import Session, trusted
from angzarr_client import Client, CommandError
from angzarr_payloads import Types
from angzarr_ports import SystemClock, SystemRandomness
from angzarr_settings import variable
from angzarr_telemetry import printable
from angzarr_terminal import (
    LAST_SEQUENCE,
    OK,
    PARKED,
    UNKNOWN,
    USAGE,
    CliError,
    Format,
    Outcomes,
)

if TYPE_CHECKING:
    from google.protobuf.message import Message

SHOWN_ID = 8
MODES = ("none", "simple", "cascade")


@click.command()
@click.argument("root", metavar="DOMAIN/ROOT", required=False)
@click.argument("command", required=False)
@click.option("-d", "--data", default="{}", help="JSON, @FILE, or - for standard input.")
@click.option("--expect", type=int, default=None, help="Sequence the next event must get.")
@click.option("--command-id", default="", help="Repeating the same id is safe.")
@click.option("--correlation", default="", help="Correlation id of the workflow.")
@click.option("--sync", type=click.Choice(MODES), default="none", help="Wait for what follows.")
@click.option("--dry-run", is_flag=True, help="Ask what would happen; nothing is stored.")
@click.option("--repeat", metavar="ID", default="", help="Send a remembered command again.")
@click.option("--proto", "modules", multiple=True, help="Python module with message types.")
@click.pass_obj
def send(session: Session, /, root: str | None, command: str | None, **options: object) -> None:
    """Send one command and show what it led to.

    \b
    angzarr send order/new CreateOrder -d @order.json
    angzarr send order/7f3a2c91 CancelOrder -d '{"reason": "changed my mind"}'
    angzarr send order/7f3a2c91 CancelOrder -d '{"reason": "?"}' --dry-run
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    sys.exit(session.run(_send(session, root or "", command or "", options)))


async def _send(session: Session, root: str, command: str, options: dict[str, object]) -> int:
    clock = SystemClock()
    sent = Sent(variable("XDG_STATE_HOME"), variable("HOME", "."), clock)
    async with trusted() as trust, Client(session.address, trust=trust) as client:
        if options["repeat"]:
            book = sent.find(str(options["repeat"]))
        else:
            book = await _book(session, (root, command), options)
        if options["dry_run"]:
            return await _try(session, book, str(options["sync"]))
        sent.keep(book)
        began = clock.monotonic()
        try:
            mode = SyncMode.Value(f"SYNC_MODE_{str(options['sync']).upper()}")
            left = session.timeout_seconds
            response = await client.send(book, sync_mode=mode, timeout_seconds=left)
        except CommandError as error:
            raise _error(session, error, book) from error
    took = (clock.monotonic() - began) * 1000
    _show(session, book, response, f"  pos {response.position}  {took:.0f} ms")
    return OK if Outcomes(response.outcomes).are_good else PARKED


async def _try(session: Session, book: CommandBook, sync: str) -> int:
    if sync != "none":
        raise CliError(USAGE, f"--dry-run stores nothing that --sync {sync} could wait for.")
    request = DryRunRequest(command=book)
    request.point_in_time.as_of_sequence = LAST_SEQUENCE
    method = rpc.SpeculativeService.DryRunCommand
    _show(session, book, await session.call(method, request, book.cover.domain), "")
    return OK


async def _book(
    session: Session, asked: tuple[str, str], options: dict[str, object]
) -> CommandBook:
    root, command = asked
    if not (root and command):
        then = "angzarr send order/new CreateOrder -d @order.json"
        raise CliError(USAGE, "give DOMAIN/ROOT and a command, or --repeat ID.", then=then)
    modules, fresh = options["modules"], SystemRandomness()
    types = Types(modules if isinstance(modules, tuple) else ())
    message = _message(types, command, str(options["data"]))
    target = await resolve(root, session, fresh=fresh.uuid4(), writes=True)
    expected = options["expect"]
    if not isinstance(expected, int):
        expected = (await read_book(session, target)).next_page_number
    book = CommandBook.to(target.domain, target.value, message, sequence=expected)
    book.command_id = str(options["command_id"]) or str(fresh.uuid4())
    book.cover.correlation_id = str(options["correlation"])
    book.cover.edition.name = session.edition
    return book


def _message(types: Types, name: str, data: str) -> "Message":
    message = types.find(name)()
    try:
        return json_format.ParseDict(parsed(_text(data)), message, max_recursion_depth=DEEPEST)
    except (ValueError, json_format.ParseError) as error:
        raise CliError(USAGE, f"the data is not a {name}: {error}.") from error


def _text(data: str) -> str:
    if data == "-":
        return sys.stdin.read()
    if not data.startswith("@"):
        return data
    try:
        return Path(data[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise CliError(USAGE, f"{data[1:]} cannot be read: {error.strerror}.") from error


def _error(session: Session, error: CommandError, book: CommandBook) -> CliError:
    if error.is_unknown:
        text = (
            f"unknown   {Root.of(book.cover)}  {error.message}\n"
            "  The command may have been stored. Repeating it with the same id is safe."
        )
        return CliError(UNKNOWN, text, then=f"angzarr send --repeat {book.command_id[:SHOWN_ID]}")
    return session.refusal(error.code, error.reason, error.message, book.cover.domain)


def _show(session: Session, book: CommandBook, response: CommandResponse, stored: str) -> None:
    """Show what a command led to; where nothing was stored, what it would lead to."""
    target, events = Root.of(book.cover), response.events
    if session.form is not Format.TABLE:
        plain = {
            "schema": "angzarr.cli.send/1",
            "domain": target.domain,
            "root": str(target.value),
            "command_id": book.command_id,
            "correlation_id": events.cover.correlation_id,
            "dry_run": not stored,
            "position": str(response.position),
            "events": [{"type": page.type_name, "sequence": page.num} for page in events.pages],
            "outcomes": Outcomes(response.outcomes).plain(),
        }
        click.echo(json.dumps(plain))
        return
    last = f"seq {events.pages[-1].num}" if events.pages else "no event"
    click.echo(f"{'accepted' if stored else 'would be accepted'}  {target}  {last}{stored}")
    click.echo(f"  [C] {book.type_name.rpartition('.')[2]} -> {target.domain}")
    for page in events.pages:
        name = printable(page.type_name.rpartition(".")[2])
        click.echo(f"      [E] {name:<45}seq {page.num}")
    for line in Outcomes(response.outcomes).tree(target.domain, response.position, " " * 10):
        click.echo(line)
    if stored:
        click.echo(f"next: angzarr state {target}", err=True)
