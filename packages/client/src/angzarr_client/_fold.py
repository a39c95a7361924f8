"""State from events."""

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from angzarr import type_name
from angzarr.types_pb2 import EventBook
from angzarr_client._registry import Registering, Registry, parse


class StateRouter(Registering):
    """One function per event type: `(state, event) -> None` changes the state message."""

    def __init__(self, state: type[Message]) -> None:
        self.state = state
        self._registry = Registry(1, "second", state)

    def fold(self, book: EventBook) -> Message:
        """Return the state after the snapshot, if there is one, and every later page.

        Raises:
            ValueError: the snapshot or an event of a known type cannot be decoded.
        """
        state = self._start(book)
        first = book.snapshot.sequence + 1 if book.HasField("snapshot") else 0
        for page in book.pages:
            if page.num >= first:
                self.apply(state, page.event.type_url, page.event.value)
        return state

    def apply(self, state: Message, type_url: str, value: bytes) -> None:
        """Change `state` by one event; an unknown type changes nothing.

        Raises:
            ValueError: the event cannot be decoded.
        """
        found = self._registry.find(type_url)
        if found is None:
            return
        event = parse(found.message, value)
        if event is None:
            raise ValueError(f"Malformed event: {type_name(type_url)}")
        found.function(state, event)

    def parse(self, event: AnyMessage) -> Message:
        """Return the event of a known type; one of an unknown type stays packed.

        Raises:
            ValueError: the event cannot be decoded.
        """
        found = self._registry.find(event.type_url)
        if found is None:
            return event
        message = parse(found.message, event.value)
        if message is None:
            raise ValueError(f"Malformed event: {type_name(event.type_url)}")
        return message

    def _start(self, book: EventBook) -> Message:
        if not book.HasField("snapshot"):
            return self.state()
        state = parse(self.state, book.snapshot.state.value)
        if state is None:
            raise ValueError(f"Malformed snapshot: {self.state.DESCRIPTOR.full_name}")
        return state
