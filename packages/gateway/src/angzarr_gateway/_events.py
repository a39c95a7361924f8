"""angzarr.EventStream, and the events that follow a command."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from angzarr import rpc
from angzarr.types_pb2 import CommandResponse, EventBook, EventStreamFilter
from angzarr_service import Call, CallError, Channels, RequestError, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The stream service at `address`; nothing follows a command after `idle_seconds` without."""

    address: str
    channels: Channels
    idle_seconds: float

    async def Subscribe(self, wanted: EventStreamFilter, call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Yield what the stream service does; its refusal passes unchanged."""
        refuse(wanted.fault())
        async with self._opened(wanted, told=True) as deltas:
            call.stay_open()
            await call.begin()
            async for delta in deltas:
                yield delta

    @asynccontextmanager
    async def following(self, correlation_id: str) -> AsyncIterator["Following"]:
        """Enter once the events of a workflow are listened to.

        Raises:
            RequestError: INVALID_ARGUMENT; UPSTREAM_UNAVAILABLE, nothing was done.
        """
        wanted = EventStreamFilter(correlation_id=correlation_id)
        refuse(wanted.fault())
        async with self._opened(wanted, told=False) as deltas:
            yield Following(deltas=deltas, idle_seconds=self.idle_seconds)

    @asynccontextmanager
    async def _opened(
        self, wanted: EventStreamFilter, *, told: bool
    ) -> AsyncIterator[AsyncGenerator[EventBook, None]]:
        if not self.address:
            raise _unavailable("it is not configured")
        async with AsyncExitStack() as stack:
            subscribing = self.channels.opened(self.address, rpc.EventStream.Subscribe, wanted)
            try:
                replies = await stack.enter_async_context(subscribing)
            except CallError as error:
                if told and error.details:
                    raise
                why = error.status.message if error.details else "it does not answer"
                raise _unavailable(why) from error
            yield _until_closed(replies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The events of one workflow from now on."""

    deltas: AsyncGenerator[EventBook, None]
    idle_seconds: float

    async def after(self, response: CommandResponse) -> AsyncIterator[EventBook]:
        """Yield what comes behind the events of a response, until nothing does for a while.

        Rule: contract.md §4.9; reliability.md N46.
        """
        while True:
            try:
                async with asyncio.timeout(self.idle_seconds):
                    delta = await anext(self.deltas)
            except TimeoutError:
                return
            is_same_log = delta.cover.domain == response.events.cover.domain
            if not is_same_log or delta.pages[-1].position > response.position:
                yield delta


async def _until_closed(replies: AsyncIterator[EventBook]) -> AsyncGenerator[EventBook, None]:
    try:
        async for book in replies:
            yield book
    except CallError as error:
        raise RequestError.closed() from error
    raise RequestError.closed()


def _unavailable(why: str) -> RequestError:
    return RequestError("UPSTREAM_UNAVAILABLE", f"Event stream unavailable: {why}")
