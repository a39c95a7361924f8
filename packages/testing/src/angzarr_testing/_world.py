"""A running system as its clients see it, and when it is at rest."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from angzarr.types_pb2 import CommandBook, CommandResponse, EventBook, Projection
from angzarr_client import Client
from angzarr_store import Letter
from angzarr_testing._settling import Settling
from angzarr_testing._watch import WatchedLedger

TIMEOUT_SECONDS = 10.0


class World:
    """What a test may ask of a system; commands and reads go through its gateway."""

    def __init__(
        self, client: Client, ledgers: Mapping[str, WatchedLedger], settling: Settling
    ) -> None:
        self._client = client
        self._ledgers = ledgers
        self._settling = settling

    async def send(
        self, book: CommandBook, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> CommandResponse:
        """Return the stored events of a command.

        Raises:
            CommandError: it was refused, or its outcome is unknown when the time is over.
        """
        return await self._client.send(book, timeout_seconds=timeout_seconds)

    async def settled(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Wait until every saga and projector has finished every event, applied or parked.

        What follows from the commands that were answered before the call is then in the world;
        commands that others send meanwhile may keep it busy.

        Raises:
            AssertionError: it was not reached in time; it names who lags, by how many events, and
                every event that is retried or parked.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._settling.wait()
        except TimeoutError:
            report = self._settling.report(await self.letters())
            text = f"not settled after {timeout_seconds} s\n  {report}"
            raise AssertionError(text) from None

    async def events(self, domain: str, root: UUID | bytes) -> list[Message]:
        """Return the events of a root, unpacked, oldest first; [] when there is none.

        Raises:
            CallError: it cannot be read.
        """
        pages = (await self.book(domain, root)).pages
        return [_message(page.type_name, page.event.value) for page in pages]

    async def book(self, domain: str, root: UUID | bytes) -> EventBook:
        """Return the history of a root as it is stored: numbers, times, positions, correlation.

        Raises:
            CallError: it cannot be read.
        """
        return await self._client.book(domain, root, timeout_seconds=TIMEOUT_SECONDS)

    async def projection(self, projector: str, domain: str, root: UUID | bytes) -> Projection:
        """Return what a projector returned for a root's last event; empty before the first.

        Raises:
            KeyError: there is no such projector, or it does not read the domain.
        """
        ledger = self._ledgers[projector]
        key = root if isinstance(root, bytes) else root.bytes
        return Projection.FromString(await ledger.newest(domain, key))

    async def letters(self) -> list[Letter]:
        """Return every event that a saga or projector failed on: `state` is retrying or parked."""
        found = [await ledger.unfinished() for ledger in self._ledgers.values()]
        return [letter for letters in found for letter in letters]


def _message(name: str, encoded: bytes) -> Message:
    """Return an event; logic runs in this process, so the class of whatever it stored is known."""
    return GetMessageClass(Default().FindMessageTypeByName(name)).FromString(encoded)
