"""Commands and queries of an application, through its gateway."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self
from uuid import UUID

from angzarr import rpc
from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest
from angzarr.types_pb2 import (
    CommandBook,
    CommandResponse,
    Cover,
    EventBook,
    Query,
    SyncCommandBook,
    SyncMode,
)
from angzarr_client._errors import CommandError
from angzarr_ports import Clock, Randomness, SystemClock, SystemRandomness, Transport, Trust
from angzarr_service import CallError, Channels

CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE = 1, 4, 14
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
REPEATABLE = frozenset({CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE})


class Client:
    """One gateway; every command has an id, so that repeating it is safe.

    One beyond this machine needs `trust`, as `angzarr_trust.open_trust` returns it.
    """

    def __init__(
        self,
        address: str,
        *,
        clock: Clock | None = None,
        randomness: Randomness | None = None,
        transport: Transport | None = None,
        trust: Trust | None = None,
    ) -> None:
        self._address = address
        self._clock = clock or SystemClock()
        self._randomness = randomness or SystemRandomness()
        self._channels = Channels(transport=transport, trust=trust)

    async def __aenter__(self) -> Self:
        """Return itself; the connection is made by the first call."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        await self._channels.aclose()

    async def send(
        self,
        book: CommandBook,
        *,
        sync_mode: SyncMode.ValueType = SyncMode.SYNC_MODE_NONE,
        timeout_seconds: float = 30.0,
    ) -> CommandResponse:
        """Return the stored events of a command; repeat it under its id while nobody answers.

        Shape: a book without a command id gets a random one, set in the book. With a sync mode
        the answer comes when what follows is done, as far as the time allows; `outcomes` says so.

        Raises:
            CommandError: it was refused, or its outcome is unknown when the time is over.
        """
        book.command_id = book.command_id or str(self._randomness.uuid4())
        until = self._clock.monotonic() + timeout_seconds
        pause, unknown = FIRST_PAUSE_SECONDS, False
        while True:
            left = max(0.001, until - self._clock.monotonic())
            try:
                return await self._execute(book, sync_mode, left)
            except CallError as error:
                unknown = unknown or error.is_unknown
                over = self._clock.monotonic() + pause >= until
                if over or error.status.code not in REPEATABLE:
                    unsettled = unknown and not error.is_final
                    raise CommandError(error, book.command_id, is_unknown=unsettled) from error
            await self._clock.sleep(self._randomness.uniform(pause / 2, pause))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _execute(
        self, book: CommandBook, sync_mode: SyncMode.ValueType, seconds: float
    ) -> CommandResponse:
        execute, where = rpc.CommandGateway, self._address
        if not sync_mode:
            return await self._channels.call(where, execute.Execute, book, timeout_seconds=seconds)
        request = SyncCommandBook(command=book, sync_mode=sync_mode)
        return await self._channels.call(
            where, execute.ExecuteSync, request, timeout_seconds=seconds
        )

    async def book(
        self, domain: str, root: UUID | bytes, *, timeout_seconds: float = 30.0
    ) -> EventBook:
        """Return the whole history of a root; `next_sequence` is the number of its next event.

        Raises:
            CallError: it cannot be read.
        """
        query = Query(cover=Cover().address(domain, root))
        return await self._channels.call(
            self._address, rpc.EventQuery.GetEventBook, query, timeout_seconds=timeout_seconds
        )

    def events(self, query: Query, *, timeout_seconds: float = 30.0) -> AsyncIterator[EventBook]:
        """Yield every book that a query means.

        Raises:
            CallError: it cannot be read.
        """
        return self._channels.stream(
            self._address, rpc.EventQuery.GetEvents, query, timeout_seconds=timeout_seconds
        )

    async def head(self, domain: str, *, timeout_seconds: float = 30.0) -> int:
        """Return the position of the newest event of a domain, 0 for an empty log.

        Raises:
            CallError: it cannot be read.
        """
        request = HeadRequest(domain=domain)
        found = await self._channels.call(
            self._address, rpc.EventFeed.Head, request, timeout_seconds=timeout_seconds
        )
        return found.position

    def feed(
        self, domain: str, *, after: int = 0, follow: bool = False
    ) -> AsyncIterator[FeedBatch]:
        """Yield the log of a domain from a position on; with `follow` it never ends by itself.

        Raises:
            CallError: it cannot be read.
        """
        request = FeedRequest(domain=domain, after_position=after, follow=follow)
        return self._channels.stream(
            self._address, rpc.EventFeed.Read, request, timeout_seconds=None
        )
