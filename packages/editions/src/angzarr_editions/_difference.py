"""Where two timelines of a root part, and what each records then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.empty_pb2 import Empty

from angzarr import MAIN, rpc
from angzarr.feed_pb2 import FeedRequest
from angzarr.types_pb2 import Cover, EventBook, EventPage, Query
from angzarr_payloads import Folded, Types
from angzarr_terminal import Session

Change = tuple[EventPage, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One root; `shared` is how many events both timelines begin with, `sides` what follows."""

    cover: Cover
    shared: int
    sides: tuple[tuple[str, list[Change]], tuple[str, list[Change]]]


async def differences(
    session: Session, names: tuple[str, str], modules: Sequence[str]
) -> list[Difference]:
    """Return the roots on which two timelines differ, by domain and first event.

    Raises:
        CliError: they cannot be read.
    """
    types, folds, found = Types(modules), dict[str, Folded](), list[Difference]()
    editions = tuple(MAIN if it in {"", "main"} else it for it in names)
    for cover in await _roots(session, editions):
        books = [await _book(session, cover, edition) for edition in editions]
        common = shared(*books)
        domain = cover.domain
        fold = folds.setdefault(domain, Folded(domain, types))
        first, second = (
            (name, fold.changes(book, common)) for name, book in zip(names, books, strict=True)
        )
        if first[1] or second[1]:
            found.append(Difference(cover=cover, shared=common, sides=(first, second)))
    return found


async def _roots(session: Session, editions: Sequence[str]) -> list[Cover]:
    """Return the roots that have events of their own on one of the named editions."""
    wanted = [it for it in editions if it != MAIN]
    found: dict[tuple[str, bytes], Cover] = {}
    roots = await session.gather(rpc.EventQuery.GetAggregateRoots, Empty())
    for domain in sorted({root.domain for root in roots}):
        request = FeedRequest(domain=domain, editions=wanted)
        for batch in await session.gather(rpc.EventFeed.Read, request):
            for book in batch.books if wanted else ():
                found.setdefault((domain, book.cover.root.value), book.cover)
    return list(found.values())


async def _book(session: Session, cover: Cover, edition: str) -> EventBook:
    query = Query(cover=Cover().address(cover.domain, cover.root.value, edition=edition))
    book: EventBook = await session.call(rpc.EventQuery.GetEventBook, query, cover.domain)
    return book


def shared(first: Any, second: Any) -> int:  # noqa: ANN401 - EventBooks
    """Return how many events two histories have in common: the same places of the log."""
    pairs = zip(first.pages, second.pages, strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one.position != other.position),
        min(len(first.pages), len(second.pages)),
    )
