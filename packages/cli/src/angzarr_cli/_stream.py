"""angzarr stream: events as they are stored."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import click

from angzarr.types_pb2 import EventBook, EventPage
from angzarr_cli._root import read_book, read_roots, resolve
from angzarr_cli._session import Session, trusted
from angzarr_client import Client
from angzarr_payloads import Types
from angzarr_ports import SystemClock
from angzarr_service import CallError
from angzarr_terminal import USAGE, CliError, Format, items, line, table

HEADER = ("TIME", "DOMAIN", "ROOT", "SEQ", "POS", "EVENT", "CORRELATION")
WIDTHS = (12, 12, 8, 4, 6, 22, 8)
CORRELATION_DIGITS = 8
RESUMABLE = 14
PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One event as it is shown."""

    book: EventBook
    page: EventPage

    def row(self) -> tuple[object, ...]:
        """Return the cells of a table."""
        cover = self.book.cover
        return (
            self.page.created_at.ToDatetime().strftime("%H:%M:%S.%f")[:-3],
            cover.domain,
            cover.root.hex[:8],
            self.page.num,
            self.page.position,
            self.page.type_name.rpartition(".")[2],
            cover.correlation_id[:CORRELATION_DIGITS],
        )

    def plain(self, types: Types) -> dict[str, object]:
        """Return the whole event as data."""
        cover = self.book.cover
        return {
            "domain": cover.domain,
            "root": str(cover.root.uuid),
            "edition": cover.edition_name,
            "sequence": self.page.num,
            "position": str(self.page.position),
            "type": self.page.type_name,
            "created_at": self.page.created_at.ToJsonString(),
            "correlation_id": cover.correlation_id,
            "command_id": self.page.command_id,
            "event": types.plain(self.page.event),
        }


@click.group()
def stream() -> None:
    """Read events, oldest first.

    \b
    angzarr stream tail
    angzarr stream show order/7f3a
    """  # noqa: D301 - backslash-b keeps the lines of the example for click


@stream.command("list")
@click.argument("domain")
@click.pass_obj
def list_(session: Session, domain: str) -> None:
    """List the roots of a domain."""
    session.run(_list(session, domain))


async def _list(session: Session, domain: str) -> None:
    found = [root.value for root in await read_roots(session, domain)]
    if session.form is Format.TABLE:
        table(("DOMAIN", "ROOT"), [(domain, root) for root in found])
    else:
        items("stream_list", session.form, [{"domain": domain, "root": str(it)} for it in found])


@stream.command()
@click.argument("root", metavar="DOMAIN/ROOT")
@click.option("--proto", "modules", multiple=True, help="Python module with message types.")
@click.pass_obj
def show(session: Session, root: str, modules: Sequence[str]) -> None:
    """Show the events of one root."""
    session.run(_show(session, root, modules))


async def _show(session: Session, root: str, modules: Sequence[str]) -> None:
    types = Types(modules)
    target = await resolve(root, session, fresh=uuid.UUID(int=0), writes=False)
    book = await read_book(session, target)
    found = [Shown(book=book, page=page) for page in book.pages]
    if session.form is Format.TABLE:
        table(HEADER, [it.row() for it in found])
    else:
        items("stream_show", session.form, [it.plain(types) for it in found])


@stream.command()
@click.argument("domains", nargs=-1)
@click.option("--correlation", default="", help="Only events of this workflow.")
@click.option("--tail", "count", type=int, default=None, help="Begin with the newest N events.")
@click.option("--no-follow", is_flag=True, help="End with what is stored now.")
@click.option("--proto", "modules", multiple=True, help="Python module with message types.")
@click.pass_obj
def tail(session: Session, /, domains: Sequence[str], **options: object) -> None:
    """Show events from the beginning, and go on as more are stored.

    \b
    angzarr stream tail
    angzarr stream tail order --correlation order-1
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    session.run(_tail(session, domains, options))


async def _tail(session: Session, domains: Sequence[str], options: dict[str, object]) -> None:
    modules, count = options["modules"], options["count"]
    tailed = Tail(
        session=session,
        types=Types(modules if isinstance(modules, tuple) else ()),
        correlation=str(options["correlation"]),
        count=count if isinstance(count, int) else None,
        follow=not options["no_follow"],
    )
    chosen = domains or tuple(it.domain for it in session.status().components if it.domain)
    if not chosen:
        raise CliError(USAGE, "name the domains to tail.", then="angzarr stream tail order")
    async with trusted() as trust, Client(session.address, trust=trust) as client:
        if tailed.follow:
            await tailed.run(client, chosen)
        else:
            await tailed.once(client, chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What is shown of several logs: the newest `count` events of each, or all."""

    session: Session
    types: Types
    correlation: str
    count: int | None
    follow: bool

    async def once(self, client: Client, domains: Sequence[str]) -> None:
        """Show what is stored now, over all domains in the order of its time."""
        found: list[Shown] = []
        for domain in domains:
            try:
                after = await self._begin(client, domain)
                found += [shown async for shown in self._events(client, domain, after)]
            except CallError as error:
                raise self._refusal(error, domain) from error
        for shown in sorted(found, key=lambda it: it.page.created_at.ToNanoseconds()):
            self._write(shown)

    async def run(self, client: Client, domains: Sequence[str]) -> None:
        """Show every event as it is stored."""
        async with asyncio.TaskGroup() as group:
            for domain in domains:
                group.create_task(self._keep_showing(client, domain))

    async def _keep_showing(self, client: Client, domain: str) -> None:
        """Show one log; a lost connection is resumed where it broke."""
        position: int | None = None
        while True:
            try:
                if position is None:
                    position = await self._begin(client, domain)
                async for shown in self._events(client, domain, position):
                    position = shown.page.position
                    self._write(shown)
            except CallError as error:
                if error.status.code != RESUMABLE:
                    raise self._refusal(error, domain) from error
            await SystemClock().sleep(PAUSE_SECONDS)

    async def _begin(self, client: Client, domain: str) -> int:
        return 0 if self.count is None else max(0, await client.head(domain) - self.count)

    async def _events(self, client: Client, domain: str, after: int) -> AsyncIterator[Shown]:
        async for batch in client.feed(domain, after=after, follow=self.follow):
            for book in batch.books:
                if self.correlation in {"", book.cover.correlation_id}:
                    for page in book.pages:
                        yield Shown(book=book, page=page)

    def _refusal(self, error: CallError, domain: str) -> CliError:
        status, reason = error.status, error.peer_reason
        return self.session.refusal(status.code, reason, status.message, domain)

    def _write(self, shown: Shown) -> None:
        if self.session.form is Format.TABLE:
            line(shown.row(), WIDTHS)
        else:
            items("stream_tail", Format.JSONL, [shown.plain(self.types)])
