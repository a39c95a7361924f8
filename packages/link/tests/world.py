"""One server that is logic and coordinator at once, and channels that call it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

from angzarr import rpc
from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    CommandResponse,
    ContextualCommand,
    EventBook,
    EventPage,
    Query,
)
from angzarr_link import LinkedChannels, serve_linked
from angzarr_ports import System
from angzarr_service import Call, CallError, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings

MEBIBYTE = 1024 * 1024
LOAD = LimitSettings(calls=300)
LIMITS = CallLimits(message_bytes=4 * MEBIBYTE, longest_seconds=9, usual_seconds=5, load=LOAD)

Act = Callable[[ContextualCommand], Awaitable[BusinessResponse]]


def contextual(number: int, *, padding: int = 0) -> ContextualCommand:
    """Return a command that carries a number, and so many bytes beside it."""
    request = ContextualCommand()
    request.command.pages.add(sequence=number).command.value = b"x" * padding
    return request


def echo(request: ContextualCommand) -> BusinessResponse:
    """Return an event with the number of a command."""
    pages = [EventPage(num=page.sequence) for page in request.command.pages]
    return BusinessResponse(events=EventBook(pages=pages))


def number_of(response: BusinessResponse) -> int:
    """Return the number in an answer."""
    return response.events.pages[0].num


class Peer:
    """angzarr.Aggregate, angzarr.AggregateCoordinator and angzarr.EventQuery."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.seen: list[int] = []
        self.cancelled: list[int] = []
        self.act: Act = self._echo

    @property
    def linked(self) -> list[bool]:
        """Return for each call whether it came within a link."""
        return [call.response is None for call in self.calls]

    async def Handle(self, request: ContextualCommand, call: Call) -> BusinessResponse:  # noqa: N802 - the name on the wire
        """Do what the test says."""
        number = request.command.pages[0].sequence if request.command.pages else 0
        self.calls.append(call)
        self.seen.append(number)
        try:
            return await self.act(request)
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise

    async def GetEventBook(self, query: Query, call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Do what the test says."""
        request = contextual(query.range.lower)
        return (await self.Handle(request, call)).events

    async def _echo(self, request: ContextualCommand) -> BusinessResponse:
        return echo(request)


class Owner:
    """angzarr.AggregateCoordinator in front of a peer."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def Handle(self, book: CommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Do what the test says."""
        answer = await self._peer.Handle(ContextualCommand(command=book), call)
        return CommandResponse(events=answer.events)


class World:
    """The server, what it serves, and channels with and without the link."""

    def __init__(self, address: str, system: System) -> None:
        self.address = address
        self.system = system
        self.peer = Peer()
        self.server = self.made()
        self.channels = self.connected()
        self.alone = self.connected(is_off=True)

    def connected(self, *, is_off: bool = False) -> LinkedChannels:
        """Return new channels."""
        return LinkedChannels(self.system, limit_bytes=8 * MEBIBYTE, is_off=is_off)

    def made(self) -> Server:
        """Return a server for the peer."""
        server = Server(ServerConfig(address=self.address, limits=LIMITS), self.system)
        owner = {"angzarr.AggregateCoordinator": Owner(self.peer), "angzarr.EventQuery": self.peer}
        logic = {"angzarr.Aggregate": self.peer}
        for works in (owner, logic):
            serve_linked(server, self.system, works, limit_calls=LOAD.calls)
        return server

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["World"]:
        """Serve while the body runs."""
        async with (
            aclosing(self.alone),
            aclosing(self.channels),
            self.server.serving(drain_seconds=0),
        ):
            await self.server.ready(serving=True)
            yield self

    async def ask(
        self, number: int, *, seconds: float = 9, padding: int = 0, alone: bool = False
    ) -> BusinessResponse:
        """Call logic."""
        channels = self.alone if alone else self.channels
        request = contextual(number, padding=padding)
        return await channels.call(
            self.address, rpc.Aggregate.Handle, request, timeout_seconds=seconds
        )

    async def command(self, number: int, *, seconds: float = 9) -> CommandResponse:
        """Call the coordinator."""
        return await self.channels.call(
            self.address,
            rpc.AggregateCoordinator.Handle,
            contextual(number).command,
            timeout_seconds=seconds,
        )

    async def query(self, number: int, *, seconds: float = 9) -> EventBook:
        """Ask the coordinator."""
        query = Query()
        query.range.lower = number
        return await self.channels.call(
            self.address, rpc.EventQuery.GetEventBook, query, timeout_seconds=seconds
        )

    async def until_linked(self, call: Callable[[int], Awaitable[object]] | None = None) -> None:
        """Return when calls travel within the link; forget those before."""
        while not self.peer.calls or self.peer.calls[-1].response is not None:
            with suppress(CallError):  # gRPC takes its time to reconnect
                await (call or self.ask)(0)
            await self.system.clock.sleep(0.005)
        self.peer.calls.clear()
        self.peer.seen.clear()
