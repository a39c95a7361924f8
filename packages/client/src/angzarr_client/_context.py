"""What a handler knows beside its message."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from google.protobuf.timestamp_pb2 import Timestamp

from angzarr import NAMESPACE
from angzarr.types_pb2 import EventBook
from angzarr_client._once import BESIDE, Transaction, take_place


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """The root a command is for; `sequence` is the number its first event gets."""

    domain: str
    root: UUID
    edition: str
    correlation_id: str
    sequence: int
    now: datetime

    @property
    def timestamp(self) -> Timestamp:
        """Return `now` as a message, for the fields of events."""
        time = Timestamp()
        time.FromDatetime(self.now)
        return time

    def uuid(self, number: int) -> UUID:
        """Return the id number `number` of this call, the same on every repeat."""
        return derived(self.domain, self.edition, self.root, self.sequence, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventContext:
    """The event that `component` sees; `now` is its time, `destinations` what was read.

    `rebuild` says that it comes for the read model that is built anew beside the one in use: a
    handler writes there, and does nothing else that others could see.
    """

    component: str
    domain: str
    root: UUID
    edition: str
    correlation_id: str
    sequence: int
    position: int
    now: datetime
    destinations: tuple[EventBook, ...] = ()
    rebuild: bool = False

    def uuid(self, number: int) -> UUID:
        """Return the id number `number` of this event, the same on every repeat."""
        return derived(self.domain, self.edition, self.root, self.sequence, number)

    async def once(self, transaction: Transaction) -> bool:
        """Record in the author's own transaction that this event is handled.

        Returns False for an event that was handled before: change nothing then. Needs the table
        of CREATE_PLACES. In a rebuild the place is that of the component's name and BESIDE.

        Raises:
            TryAgainError: another process handled it meanwhile; roll back.
        """
        component = self.component + BESIDE * self.rebuild
        row = (component, self.domain, self.edition, self.root.bytes)
        return await take_place(transaction, row, self.sequence, self.position)

    def book(self, domain: str, root: UUID) -> EventBook:
        """Return the history of a root that was read; it may be empty.

        Raises:
            KeyError: the root is not among the destinations.
        """
        for book in self.destinations:
            if (book.cover.domain, book.cover.root.value) == (domain, root.bytes):
                return book
        raise KeyError(f"{domain}/{root} was not read")


def derived(*parts: object) -> UUID:
    """Return the version 5 UUID of texts joined by the unit separator."""
    return uuid5(NAMESPACE, "\x1f".join(map(str, parts)))
