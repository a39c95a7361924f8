"""Cases of a saga: destinations, an event, the commands that follow."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from google.protobuf.message import Message

from angzarr.types_pb2 import CommandBook, EventBook, SagaPrepareRequest
from angzarr_client import SagaRouter
from angzarr_service import Call
from angzarr_testing._books import Books, Destinations
from angzarr_testing._difference import check

CALL = Call(deadline=float("inf"), idempotency_key="")


class SagaCase:
    """Shows a saga one event, twice, with the books that it asks for."""

    def __init__(
        self, router: SagaRouter, books: Books, events: Sequence[Message], now: datetime
    ) -> None:
        self._router = router
        self._books = books
        self._history = list(events)
        self._destinations = Destinations(now)
        self._commands: list[CommandBook] = []

    def destination(self, domain: str, root: UUID, *events: Message) -> Self:
        """Give a root of another domain a history."""
        self._destinations.add(domain, root, *events)
        return self

    def when(self, event: Message) -> Self:
        """Show the event that follows the history."""
        book = self._books.events(*self._history, event)
        source = self._books.single(book, len(self._history))
        self._commands = asyncio.run(self._decide(source))
        if asyncio.run(self._decide(source)) != self._commands:
            raise AssertionError("the saga decides differently when the event comes twice")
        return self

    def then_sends(self, *commands: CommandBook) -> Self:
        """Expect exactly these commands; sequences and correlation ids are the framework's."""
        check("commands", "plain", [Destinations.bare(it) for it in self._commands], commands)
        return self

    def then_nothing(self) -> Self:
        """Expect no command."""
        return self.then_sends()

    async def _decide(self, source: EventBook) -> list[CommandBook]:
        prepared = await self._router.Prepare(SagaPrepareRequest(source=source), CALL)
        books = self._destinations.books(prepared.destinations)
        return await self._router.decide(source, books)
