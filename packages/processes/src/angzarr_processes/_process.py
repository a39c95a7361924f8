"""angzarr process: instances of process managers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from angzarr import process_root, rpc
from angzarr.feed_pb2 import FeedRequest
from angzarr.timer_pb2 import Timer
from angzarr.types_pb2 import Cover, EventBook, EventPage, Query
from angzarr_processes._timer import plain as plain_timer
from angzarr_processes._timer import timers
from angzarr_terminal import NOT_FOUND, CliError, Format, Session, items, table

HEADER = ("CORRELATION", "EVENTS", "LAST", "AT", "WAITS FOR")
EVENTS = ("SEQ", "TIME", "EVENT")


@dataclass(slots=True, kw_only=True)
class Instance:
    """One process: how many events it has, its last one, its timers."""

    correlation_id: str
    count: int = 0
    last: EventPage = field(default_factory=EventPage)
    waits: list[Timer] = field(default_factory=list)

    def row(self) -> tuple[object, ...]:
        """Return the cells of a table."""
        waits = ", ".join(it.timer_type for it in self.waits) or "-"
        at = self.last.created_at.ToJsonString()
        return (
            self.correlation_id,
            self.count,
            self.last.type_name.rpartition(".")[2] or "-",
            at,
            waits,
        )

    def plain(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "correlation_id": self.correlation_id,
            "root": str(process_root(self.correlation_id)),
            "events": self.count,
            "last": self.last.type_name,
            "at": self.last.created_at.ToJsonString(),
            "timers": [plain_timer(it) for it in self.waits],
        }


@click.group()
def process() -> None:
    """Show the processes of a process manager, and what they wait for."""


@process.command("list")
@click.argument("name")
@click.pass_obj
def list_(session: Session, name: str) -> None:
    """List the processes of NAME, the oldest first."""
    found = session.run(_instances(session, name))
    if session.form is Format.TABLE:
        return table(HEADER, [it.row() for it in found])
    return items("process_list", session.form, [it.plain() for it in found])


@process.command()
@click.argument("which", metavar="NAME/CORRELATION")
@click.pass_obj
def show(session: Session, which: str) -> None:
    """Show what one process has recorded and what it waits for."""
    name, _, correlation = which.partition("/")
    book, waits = session.run(_shown(session, name, correlation))
    if session.form is not Format.TABLE:
        last = book.pages[-1]
        found = Instance(
            correlation_id=correlation, count=len(book.pages), last=last, waits=[*waits]
        )
        return items("process_show", session.form, [found.plain()])
    rows = [
        (page.num, page.created_at.ToJsonString(), page.type_name.rpartition(".")[2])
        for page in book.pages
    ]
    table(EVENTS, rows)
    for it in waits:
        click.echo(f"waits for {it.timer_type} until {it.deadline.ToJsonString()}")
    return None


async def _instances(session: Session, name: str) -> list[Instance]:
    found: dict[str, Instance] = {}
    waits = await timers(session, name, "")
    for batch in await session.gather(rpc.EventFeed.Read, FeedRequest(domain=name)):
        for book in batch.books:
            key = book.cover.correlation_id
            it = found.setdefault(key, Instance(correlation_id=key))
            it.count, it.last = it.count + len(book.pages), book.pages[-1]
    for timer in waits:
        key = timer.cover.correlation_id
        found.setdefault(key, Instance(correlation_id=key)).waits.append(timer)
    return list(found.values())


async def _shown(
    session: Session, name: str, correlation: str
) -> tuple[EventBook, Sequence[Timer]]:
    cover = Cover().address(name, process_root(correlation))
    book = await session.call(rpc.EventQuery.GetEventBook, Query(cover=cover), name)
    if not book.pages:
        text = f'{name} has no process for "{correlation}".'
        raise CliError(NOT_FOUND, text, then=f"angzarr process list {name}")
    return book, await timers(session, name, correlation)
