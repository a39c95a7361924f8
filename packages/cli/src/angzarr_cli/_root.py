"""DOMAIN/ROOT as people write it."""

import uuid
from dataclasses import dataclass

from google.protobuf.empty_pb2 import Empty
from typing_extensions import override

from angzarr import business_root, is_reserved_domain, rpc
from angzarr.feed_pb2 import FeedRequest
from angzarr.types_pb2 import Cover, EventBook, Query, TemporalQuery
from angzarr_cli._session import Session
from angzarr_terminal import NOT_FOUND, USAGE, CliError

SHOWN_DIGITS = 8
LEAST_TO_READ, LEAST_TO_WRITE = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One root of one domain."""

    domain: str
    value: uuid.UUID

    @staticmethod
    def of(cover: Cover) -> "Root":
        """Return the root that a cover names."""
        return Root(domain=cover.domain, value=cover.root.uuid)

    @override
    def __str__(self) -> str:
        """Return the short form."""
        return f"{self.domain}/{self.value.hex[:SHOWN_DIGITS]}"


def parse(text: str, *, fresh: uuid.UUID) -> Root | tuple[str, str]:
    """Return the root that a text names, or its domain and the digits it begins with.

    Shape: a UUID, `key:TEXT` for the root of a business key, `new` for `fresh`, or hex digits.

    Raises:
        CliError: it is none of these.
    """
    domain, slash, rest = text.partition("/")
    if not (domain and slash and rest):
        raise CliError(USAGE, f'"{text}" is not DOMAIN/ROOT.', then="angzarr send order/new …")
    if rest == "new":
        return Root(domain=domain, value=fresh)
    if rest.startswith("key:"):
        return Root(domain=domain, value=business_root(domain, rest.removeprefix("key:")))
    try:
        return Root(domain=domain, value=uuid.UUID(rest))
    except ValueError:
        digits = rest.lower().replace("-", "")
    if len(digits) < LEAST_TO_READ or set(digits) - set("0123456789abcdef"):
        text = f'"{rest}" is no root: give a UUID, its first hex digits, key:TEXT or new.'
        raise CliError(USAGE, text)
    return domain, digits


async def resolve(text: str, session: Session, *, fresh: uuid.UUID, writes: bool) -> Root:
    """Return the root that a text names; a beginning must fit exactly one existing root.

    Raises:
        CliError: it fits none or several, is too short to write to, or nobody answers.
    """
    parsed = parse(text, fresh=fresh)
    if isinstance(parsed, Root):
        return parsed
    domain, digits = parsed
    if writes and len(digits) < LEAST_TO_WRITE:
        raise CliError(USAGE, f'"{digits}" is too short to write to: give {LEAST_TO_WRITE} digits.')
    found = [it for it in await read_roots(session, domain) if it.value.hex.startswith(digits)]
    if len(found) != 1:
        what = f"{len(found)} roots of {domain} begin" if found else f"no root of {domain} begins"
        raise CliError(NOT_FOUND, f"{what} with {digits}.")
    return found[0]


async def read_roots(session: Session, domain: str) -> list[Root]:
    """Return the roots of a domain, by their first event; reserved ones are not listed as roots.

    Raises:
        CliError: they cannot be read.
    """
    if is_reserved_domain(domain):
        feed = await session.gather(rpc.EventFeed.Read, FeedRequest(domain=domain))
        return list({Root.of(it.cover): 0 for batch in feed for it in batch.books})
    each = await session.gather(rpc.EventQuery.GetAggregateRoots, Empty())
    return [Root(domain=domain, value=it.root.uuid) for it in each if it.domain == domain]


async def read_book(session: Session, root: Root, point: TemporalQuery | None = None) -> EventBook:
    """Return the history of a root up to a point; what cannot be read ends the command."""
    query = Query(
        cover=Cover().address(root.domain, root.value, edition=session.edition), temporal=point
    )
    book: EventBook = await session.call(rpc.EventQuery.GetEventBook, query, root.domain)
    return book
