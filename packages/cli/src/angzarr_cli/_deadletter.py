"""angzarr deadletter: parked events, until somebody replays or discards them."""

import base64
import sys
from collections.abc import Callable
from typing import Any

import click
from google.protobuf import json_format

from angzarr import Method, rpc
from angzarr import dead_letter_pb2 as wire
from angzarr.types_pb2 import DeadLetterKind, DeadLetterState
from angzarr_cli._session import Session
from angzarr_ports import SystemClock
from angzarr_terminal import NOT_FOUND, PARKED, USAGE, CliError, Format, items, table

HEADER = ("COMPONENT", "DOMAIN", "ROOT", "SEQ", "BEHIND", "AGE", "REASON")
KINDS = ("unspecified", "event", "command", "compensation")


@click.group()
def deadletter() -> None:
    """Show parked events; replay them in the order of their root, or discard them."""


def command(function: Callable[..., Any]) -> click.Command:
    """Make a sub-command that takes ids or a selection of letters."""
    for name in ("--root", "--domain", "--component"):
        function = click.option(name, default="")(function)
    function = click.option("--kind", type=click.Choice(KINDS), default=KINDS[0])(function)
    function = click.argument("ids", metavar="[ID]...", nargs=-1)(function)
    return deadletter.command(function.__name__.strip("_"))(click.pass_obj(function))


@command
def list_(session: Session, /, **asked: Any) -> None:  # noqa: ANN401 - options
    """List what failed; BEHIND counts the later events of the root that wait for it."""
    found = session.run(_found(session, asked))
    if session.form is Format.TABLE:
        return table(HEADER, [_row(it) for it in found.letters if it.attempts])
    return items("deadletter_list", session.form, map(_plain, found.letters))


@command
def show(session: Session, /, **asked: Any) -> None:  # noqa: ANN401 - options
    """Show letters whole as JSON, with their original bytes."""
    asked["ids"] = [it.id for it in session.run(_found(session, asked)).letters]
    found = session.run(_found(session, asked)).letters
    items("deadletter_show", session.form, map(_plain, found))


@command
@click.option("--dry-run", is_flag=True)
@click.option("--yes", is_flag=True)
def replay(session: Session, /, **asked: Any) -> None:  # noqa: ANN401 - options
    """Try letters again, oldest first; the first failure of a root ends it."""
    session.run(_decide(session, asked, rpc.DeadLetters.Replay))


@command
@click.option("--dry-run", is_flag=True)
@click.option("--yes", is_flag=True)
@click.option("--note", required=True, help="Why they are given up.")
def discard(session: Session, /, **asked: Any) -> None:  # noqa: ANN401 - options
    """Give letters up; they stay on record, and their root goes on."""
    session.run(_decide(session, asked, rpc.DeadLetters.Discard))


async def _decide(session: Session, asked: dict[str, Any], method: Method[Any, Any]) -> None:
    found, verb = await _found(session, asked), method.name.lower()
    if asked["dry_run"]:
        return click.echo(f"{found.summary}. Nothing {('discarded', 'sent')[verb == 'replay']}.")
    if not found.letters:
        raise CliError(NOT_FOUND, "no dead letter matches.", then="angzarr deadletter list")
    count = str(len(found.letters))
    if not asked["yes"] and not sys.stdin.isatty():
        raise CliError(USAGE, f"no terminal to confirm {found.summary}: give --yes.")
    if not asked["yes"] and click.prompt(f"{found.summary}. Type {count} to {verb}") != count:
        raise CliError(USAGE, f"that is not {count}; nothing was done.")
    note = {name: asked[name] for name in {"note"} & asked.keys()}
    request = method.request(ids=[it.id for it in found.letters], **note)
    results = (await session.call(method, request)).results
    if session.form is not Format.TABLE:
        items(f"deadletter_{verb}", session.form, map(json_format.MessageToDict, results))
    parked = [it for it in results if it.state == DeadLetterState.DEAD_LETTER_STATE_PARKED]
    if parked:
        text = f"{len(parked)} of {count} are parked: {parked[0].status.message}"
        raise CliError(PARKED, text, then=f"angzarr deadletter show {parked[0].id}")
    return None


async def _found(session: Session, asked: dict[str, Any]) -> wire.ListDeadLettersResponse:
    found, get, list_ = wire.ListDeadLettersResponse(), rpc.DeadLetters.Get, rpc.DeadLetters.List
    if asked["ids"]:
        found.letters.extend([await session.call(get, get.request(id=it)) for it in asked["ids"]])
        return found
    kind = DeadLetterKind.Value(f"DEAD_LETTER_KIND_{asked['kind'].upper()}")
    request = list_.request(domain=asked["domain"], component=asked["component"], kind=kind)
    root = asked["root"].replace("-", "").lower()
    while True:
        page = await session.call(list_, request)
        found.letters.extend(it for it in page.letters if it.cover.root.hex.startswith(root))
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


def _row(it: wire.DeadLetter) -> tuple[object, ...]:
    age = SystemClock().now().timestamp() - it.parked_at.ToNanoseconds() / 1e9
    place = (it.component, it.cover.domain, it.cover.root.hex[:8], it.sequence, it.waiting)
    return (*place, f"{age / 60:.0f}m", it.status.message or it.reason)


def _plain(letter: wire.DeadLetter) -> dict[str, Any]:
    payload = base64.b64encode(letter.payload.value).decode()
    letter.ClearField("payload")
    plain = json_format.MessageToDict(letter, preserving_proto_field_name=True)
    return {**plain, "root": letter.cover.root.hex, "payload": payload}
