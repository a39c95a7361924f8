"""Inputs name the newest types: what an old event is for is known when it is upcast."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from angzarr.types_pb2 import EventBook
from angzarr_delivery import FailedError, Occurrence
from angzarr_reaction import Upcasting
from angzarr_service import Channels, RequestError
from angzarr_settings import UpcasterSettings
from angzarr_store import Lease, RootKey
from angzarr_upcaster import Upcaster


@dataclass
class Renaming:
    """Brings x/Old to x/New; fails on x/Bad."""

    exists: bool = True

    async def upcast(self, book: EventBook) -> EventBook:
        """Return the newest form."""
        if book.pages[0].event.type_url == "x/Bad":
            raise RequestError("UPCAST_FAILED", "Upcaster failed: bad", why="bad")
        shown = EventBook()
        shown.CopyFrom(book)
        shown.pages[0].event.type_url = shown.pages[0].event.type_url.replace("Old", "New")
        return shown


@dataclass
class Inner:
    """Keeps the types that it is shown."""

    seen: list[str] = field(default_factory=list)

    async def apply(self, event: Occurrence, _: Any) -> Sequence[Any]:
        """Note the type."""
        self.seen.append(event.book.pages[0].event.type_url)
        return []


def wants(book: EventBook) -> bool:
    """Want the newest type only."""
    return book.pages[0].event.type_url == "x/New"


def occurrence(type_url: str, *, is_done: bool = False) -> Occurrence:
    """Return an event."""
    book = EventBook()
    book.cover.address("order", bytes(16))
    book.pages.add().event.type_url = type_url
    return Occurrence(
        book=book,
        position=1,
        key=RootKey(edition="angzarr", root=bytes(16)),
        sequence=0,
        attempt=1,
        is_last_attempt=False,
        is_done=is_done,
        reactions=(),
        lease=Lease(subscriber="s", domain="order", epoch=1, position=0, chain=b""),
        remember=lambda _: None,
    )


async def test_an_old_event_is_wanted_for_its_newest_type() -> None:
    """It is looked at, upcast and shown; another one is done without a call."""
    inner: Any = Inner()
    upcaster: Any = Renaming()
    handler = Upcasting(inner=inner, upcaster=upcaster, wants=wants)
    old, other = occurrence("x/Old"), occurrence("x/Other")

    assert handler.may_want(old.book)
    assert handler.may_want(other.book)
    assert [await handler.apply(it, None) for it in (old, other)] == [[], []]  # type: ignore[arg-type]  # not used
    assert inner.seen == ["x/New"]
    assert old.book.pages[0].event.type_url == "x/Old"


async def test_without_an_upcaster_types_are_as_stored() -> None:
    """What is not wanted is never looked at."""
    inner: Any = Inner()
    upcaster = Upcaster(UpcasterSettings(), Channels())
    handler = Upcasting(inner=inner, upcaster=upcaster, wants=wants)

    assert not handler.may_want(occurrence("x/Old").book)
    await handler.apply(occurrence("x/New"), None)  # type: ignore[arg-type]  # not used
    assert inner.seen == ["x/New"]


async def test_a_failing_upcaster_fails_the_event() -> None:
    """It is tried again, then parked; what is due of a done event needs no payload."""
    inner: Any = Inner()
    upcaster: Any = Renaming()
    handler = Upcasting(inner=inner, upcaster=upcaster, wants=wants)

    with pytest.raises(FailedError) as caught:
        await handler.apply(occurrence("x/Bad"), None)  # type: ignore[arg-type]  # not used
    await handler.apply(occurrence("x/Bad", is_done=True), None)  # type: ignore[arg-type]  # not used

    assert (caught.value.reason, caught.value.final) == ("UPCAST_FAILED", False)
    assert inner.seen == ["x/Bad"]
