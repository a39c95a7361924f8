"""angzarr projector: a read model built anew beside the live one, compared, then switched to."""

import asyncio
import sys
from typing import Any

import click

from angzarr import rebuild_pb2 as wire
from angzarr import rpc
from angzarr_ports import Clock, SystemClock
from angzarr_rebuilds._progress import Progress
from angzarr_terminal import FOUND, UNAVAILABLE, UNKNOWN, CliError, Format, Session, items, table

HEADER = ("DOMAIN", "ROOT", "LIVE SEQ", "REBUILT SEQ")
VERDICTS = ("equal", "different", "behind", "only_live", "only_rebuilt")
FIRST_SECONDS, LOOK_SECONDS = 0.2, 1.0
NONE, REBUILDING = (
    wire.RebuildState.REBUILD_STATE_UNSPECIFIED,
    wire.RebuildState.REBUILD_STATE_REBUILDING,
)
UNANSWERED = frozenset({UNAVAILABLE, UNKNOWN})
BEGUN = "rebuilding beside the live version (still serving)   Ctrl-C detaches"


@click.group()
def projector() -> None:
    """Build a read model anew beside the one in use, compare both, then switch.

    \b
    angzarr projector rebuild projector-inventory-stock
    angzarr projector compare projector-inventory-stock
    """  # noqa: D301 - backslash-b keeps the lines of the example for click


@projector.command()
@click.argument("name")
@click.option("--from", "first", default=0, metavar="POS", help="Leave out what was before.")
@click.pass_obj
def rebuild(session: Session, name: str, first: int) -> None:
    """Build it anew beside the live version; the same command again attaches."""
    session.run(_rebuild(session, name, first))


@projector.command()
@click.argument("name")
@click.pass_obj
def compare(session: Session, name: str) -> None:
    """Compare both versions root by root; exit 10 when they differ."""
    found = session.run(_ask(session, rpc.ProjectorRebuild.Compare, name))
    is_equal = not any(getattr(found, it) for it in VERDICTS[1:])
    differences = [
        {
            "domain": it.cover.domain,
            "root": str(it.cover.root.uuid),
            "live_sequence": it.live_sequence if it.HasField("live_sequence") else None,
            "rebuilt_sequence": it.rebuilt_sequence if it.HasField("rebuilt_sequence") else None,
        }
        for it in found.differences
    ]
    if session.form is Format.TABLE:
        click.echo(", ".join(f"{getattr(found, it):,} {it.replace('_', ' ')}" for it in VERDICTS))
        if differences:
            rows = [["-" if it is None else it for it in row.values()] for row in differences]
            table(HEADER, rows)
        click.echo(f"next: angzarr projector {('cancel', 'switch')[is_equal]} {name}", err=True)
    else:
        counts: dict[str, object] = {it: str(getattr(found, it)) for it in VERDICTS}
        items("projector_compare", session.form, [{**counts, "differences": differences}])
    if not is_equal:
        sys.exit(FOUND)


@projector.command()
@click.argument("name")
@click.pass_obj
def switch(session: Session, name: str) -> None:
    """Let the rebuilt version take the place of the live one."""
    session.run(_switch(session, name))


@projector.command()
@click.argument("name")
@click.pass_obj
def cancel(session: Session, name: str) -> None:
    """Give the rebuilt version up; the live one goes on."""
    status = session.run(_ask(session, rpc.ProjectorRebuild.Cancel, name))
    _end(session, "projector_cancel", status, f"cancelled; the live version of {name} goes on")


async def _rebuild(session: Session, name: str, first: int) -> None:
    begin, clock = rpc.ProjectorRebuild.Begin, SystemClock()
    status = await session.call(begin, begin.request(component=name, from_position=first))
    if session.form is Format.TABLE:
        click.echo(BEGUN)
    try:
        status = await _watch(session, status, clock)
    except asyncio.CancelledError:
        click.echo("\ndetached; the rebuild goes on.", err=True)
        click.echo(f"next: angzarr projector rebuild {name}", err=True)
        click.echo(f"      angzarr projector cancel {name}", err=True)
        raise
    if not status.state:
        return _end(session, "projector_rebuild", status, f"the rebuild of {name} has ended")
    took = clock.now().timestamp() - status.started_at.ToNanoseconds() / 1e9
    text = f"rebuilt {status.done:,} events in {took:.0f} s, {status.parked} parked"
    then = f"angzarr projector compare {name}"
    return _end(session, "projector_rebuild", status, text, then=then)


async def _watch(session: Session, status: wire.RebuildStatus, clock: Clock) -> wire.RebuildStatus:
    """Show how far it comes until it has seen what the live version had at the look before."""
    shown = Progress(session.form, clock)
    pause, goal = FIRST_SECONDS, status.total
    while status.state and (status.state != REBUILDING or status.done < goal):
        shown.show(status)
        await clock.sleep(pause)
        pause, goal = LOOK_SECONDS, status.total
        status = await _patiently(session, status.component, clock)
    shown.show(status)
    shown.leave()
    return status


async def _switch(session: Session, name: str) -> None:
    clock = SystemClock()
    status = await _asked_to_switch(session, name, clock)
    while status.state not in {NONE, REBUILDING}:
        await clock.sleep(FIRST_SECONDS)
        status = await _patiently(session, name, clock)
    if status.state:
        text = f"{name} was not switched: {status.fault or f'{status.parked} events are parked'}."
        raise CliError(FOUND, text, then=f"angzarr projector compare {name}")
    _end(session, "projector_switch", status, f"switched; the rebuilt version of {name} is live")


async def _asked_to_switch(session: Session, name: str, clock: Clock) -> wire.RebuildStatus:
    """Return how far a switch has come; without an answer see whether to ask for it again."""
    until = clock.monotonic() + session.timeout_seconds
    while True:
        try:
            status: wire.RebuildStatus = await _ask(session, rpc.ProjectorRebuild.Switch, name)
        except CliError as error:
            if error.exit_code not in UNANSWERED or clock.monotonic() > until:
                raise
            status = await _patiently(session, name, clock)
            if status.state == REBUILDING:
                continue
        return status


async def _ask(session: Session, method: Any, name: str) -> Any:  # noqa: ANN401 - any method's messages
    return await session.call(method, method.request(component=name))


async def _patiently(session: Session, name: str, clock: Clock) -> wire.RebuildStatus:
    """Return how far it has come; a coordinator that starts again is waited for."""
    until = clock.monotonic() + session.timeout_seconds
    while True:
        try:
            found: wire.RebuildStatus = await _ask(session, rpc.ProjectorRebuild.Get, name)
        except CliError as error:
            if error.exit_code not in UNANSWERED or clock.monotonic() > until:
                raise
            await clock.sleep(LOOK_SECONDS)
        else:
            return found


def _end(session: Session, schema: str, status: Any, text: str, *, then: str = "") -> None:  # noqa: ANN401 - as `_ask` returns it
    if session.form is Format.JSON:
        return Progress(session.form, SystemClock()).plain(schema, status)
    if session.form is Format.TABLE:
        click.echo(text)
        if then:
            click.echo(f"next: {then}", err=True)
    return None
