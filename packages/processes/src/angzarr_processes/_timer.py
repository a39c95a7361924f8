"""angzarr timer: what processes wait for, and until when."""

from typing import Any

import click

from angzarr import process_root, rpc
from angzarr import timer_pb2 as wire
from angzarr_terminal import NOT_FOUND, CliError, Format, Session, items, table

HEADER = ("DEADLINE", "COMPONENT", "TIMER", "CORRELATION", "SET AT")


@click.group()
def timer() -> None:
    """Show what processes wait for; cancel a timer that shall not fire."""


@timer.command("list")
@click.option("--component", default="", help="Only those of one process manager.")
@click.option("--correlation", default="", help="Only those of one process.")
@click.pass_obj
def list_(session: Session, component: str, correlation: str) -> None:
    """List timers, the earliest first."""
    found = session.run(timers(session, component, correlation))
    if session.form is Format.TABLE:
        return table(HEADER, map(_row, found))
    return items("timer_list", session.form, map(plain, found))


@timer.command()
@click.argument("process", metavar="NAME/CORRELATION")
@click.argument("timer_type", metavar="TIMER")
@click.pass_obj
def cancel(session: Session, process: str, timer_type: str) -> None:
    """Remove one timer of a process; it does not fire then."""
    name, _, correlation = process.partition("/")
    request = wire.CancelTimerRequest(component=name, timer_type=timer_type)
    request.cover.correlation_id = correlation
    reply = session.run(session.call(rpc.Timers.Cancel, request))
    if not reply.cancelled:
        text = f'{name} has no timer "{timer_type}" for {correlation}.'
        raise CliError(NOT_FOUND, text, then="angzarr timer list")
    if session.form is Format.TABLE:
        click.echo(f"cancelled {timer_type} of {process}")
    else:
        root = str(process_root(correlation))
        items("timer_cancel", session.form, [{"component": name, "root": root}])


async def timers(session: Session, component: str, correlation: str) -> list[wire.Timer]:
    """Return all timers by deadline, page by page."""
    request = wire.ListTimersRequest(component=component, correlation_id=correlation)
    found: list[wire.Timer] = []
    while True:
        page = await session.call(rpc.Timers.List, request)
        found += page.timers
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


def plain(it: wire.Timer) -> dict[str, Any]:
    """Return a timer as data."""
    return {
        "component": it.component,
        "domain": it.cover.domain,
        "root": str(it.cover.root.uuid),
        "edition": it.cover.edition_name,
        "correlation_id": it.cover.correlation_id,
        "timer": it.timer_type,
        "deadline": it.deadline.ToJsonString(),
        "set_at": it.set_at.ToJsonString(),
    }


def _row(it: wire.Timer) -> tuple[object, ...]:
    place = (it.component, it.timer_type, it.cover.correlation_id)
    return (it.deadline.ToJsonString(), *place, it.set_at.ToJsonString())
