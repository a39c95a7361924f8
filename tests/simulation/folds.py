"""What events add up to: every event says what its logic had seen, so that it can be checked."""

import zlib
from collections.abc import Iterable, Iterator

from google.protobuf.any_pb2 import Any as AnyMessage

from angzarr.types_pb2 import EventBook, EventPage
from angzarr_store import Event

STATE = "type.googleapis.com/sim.State"
BEGIN = bytes(4)
INDEX, SEEN = 7, slice(8, 12)


def folded(state: bytes, values: Iterable[bytes]) -> bytes:
    """Return the state behind events with these values."""
    number = int.from_bytes(state, "big")
    for value in values:
        number = zlib.crc32(value, number)
    return number.to_bytes(4, "big")


def state_of(book: EventBook) -> bytes:
    """Return the state of a root as its logic is shown it."""
    state = book.snapshot.state.value if book.HasField("snapshot") else BEGIN
    return folded(state, (page.event.value for page in book.pages))


def value_of(order: bytes, index: int, state: bytes) -> bytes:
    """Return the bytes of an event: its order, its place in the batch, what its logic had seen."""
    return order + bytes([index]) + state


def shown(book: EventBook, state: bytes) -> None:
    """Offer the state behind the events of a reply."""
    if book.pages:
        state = folded(state, (page.event.value for page in book.pages))
        book.snapshot_state.CopyFrom(AnyMessage(type_url=STATE, value=state))


def states_of(timeline: Iterable[Event]) -> Iterator[tuple[Event, bytes, bytes]]:
    """Yield each event of a timeline, what its logic had seen, and what it should have seen."""
    states = [BEGIN]
    for at, event in enumerate(timeline):
        page = EventPage.FromString(event.page or b"").event
        if "/sim." in page.type_url:
            base = at - page.value[INDEX]
            yield event, page.value[SEEN], states[base] if 0 <= base < len(states) else b""
        states.append(folded(states[-1], (page.value,)))


def state_at(timeline: Iterable[Event], sequence: int) -> bytes:
    """Return the state behind the event with a sequence."""
    pages = (EventPage.FromString(it.page or b"") for it in timeline if it.sequence <= sequence)
    return folded(BEGIN, (page.event.value for page in pages))
