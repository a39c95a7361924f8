"""What logic is shown of stored events, and what is no answer (contract.md §4.12)."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import EventBook
from angzarr_service import Channels, RequestError
from angzarr_settings import UpcasterSettings
from angzarr_upcaster import Upcaster
from angzarr_upcaster._upcaster import PIECE_BYTES

from .conftest import Foreign


@pytest.fixture
async def upcaster(address: str) -> AsyncIterator[Upcaster]:
    """Return what asks the foreign upcaster."""
    channels = Channels()
    yield Upcaster(UpcasterSettings(address=address, timeout=2.0), channels)
    await channels.aclose()


def texts(book: EventBook) -> list[str]:
    """Return what the events say."""
    return [StringValue.FromString(page.event.value).value for page in book.pages]


async def test_only_payloads_change(upcaster: Upcaster, foreign: Foreign, book: EventBook) -> None:
    """Number, time, position and cause are the stored ones, and so is the book that was given."""
    stored = EventBook()
    stored.CopyFrom(book)

    shown = await upcaster.upcast(book)

    assert (texts(shown), foreign.asked[0].domain) == (["A", "B"], "order")
    for page, old in zip(shown.pages, stored.pages, strict=True):
        page.event.CopyFrom(old.event)
    assert shown == book == stored


async def test_without_an_upcaster_nothing_is_asked(book: EventBook) -> None:
    """Every event is in its newest form."""
    upcaster = Upcaster(UpcasterSettings(), Channels())

    assert await upcaster.upcast(book) is book
    assert not upcaster.exists


async def test_an_empty_book_is_not_asked_about(upcaster: Upcaster) -> None:
    """Nobody listens there, and nobody needs to."""
    assert await upcaster.upcast(EventBook()) == EventBook()


async def test_a_long_history_is_asked_in_pieces(upcaster: Upcaster, foreign: Foreign) -> None:
    """No request is larger than a message may be."""
    book = EventBook()
    for number in range(9):
        book.pages.add(num=number).event.Pack(StringValue(value="x" * 400_000))

    shown = await upcaster.upcast(book)

    assert [len(text) for text in texts(shown)] == [400_000] * 9
    assert texts(shown)[8].startswith("X")
    assert max(it.ByteSize() for it in foreign.asked) < PIECE_BYTES + 1000


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda it: it.events.pop(), "it answered 1 events for 2"),
        (lambda it: it.events.add(num=2), "it answered 3 events for 2"),
        (
            lambda it: setattr(it.events[0], "num", 1),
            "event 0 has sequence 1, expected 0",
        ),
        pytest.param(
            lambda it: it.events.reverse(), "event 0 has sequence 1, expected 0", id="order"
        ),
        (lambda it: it.events[1].ClearField("event"), "event 1 has no type"),
    ],
)
async def test_another_answer_is_no_answer(
    upcaster: Upcaster,
    foreign: Foreign,
    book: EventBook,
    spoil: Callable[[Any], object],
    why: str,
) -> None:
    """Same count, same order, same numbers."""
    foreign.spoil = spoil

    with pytest.raises(RequestError) as caught:
        await upcaster.upcast(book)

    assert (caught.value.reason, caught.value.message) == (
        "UPCAST_FAILED",
        f"Upcaster failed: {why}",
    )
    assert caught.value.metadata == {"why": why}


async def test_a_refusal_is_told(upcaster: Upcaster, foreign: Foreign, book: EventBook) -> None:
    """In the words of the upcaster."""
    foreign.refuse = grpc.StatusCode.NOT_FOUND

    with pytest.raises(RequestError, match="Upcaster failed: It knows no such version"):
        await upcaster.upcast(book)


async def test_silence_is_told_without_an_address(upcaster: Upcaster, book: EventBook) -> None:
    """Nobody listens."""
    with pytest.raises(RequestError, match=r"^Upcaster failed: it cannot be reached$"):
        await upcaster.upcast(book)
