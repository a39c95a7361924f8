"""Streams both ways between simulated processes: whole, in order, until they are lost."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from typing_extensions import override

from angzarr_ports import CallFailedError, Transport
from angzarr_simulation import Network, Process
from angzarr_simulation._call import END, UNAVAILABLE, AbortedError, Call
from angzarr_simulation._network import REFUSED, UNIMPLEMENTED, UNKNOWN, SimulatedServer
from angzarr_simulation._ports import lag


class LinkedNetwork(Network):
    """A network that carries streams both ways beside single calls."""

    @override
    def reach_of(self, process: Process) -> Transport:
        return _Linked(super().reach_of(process), self, process)

    def exchange(self, caller: Process, target: tuple[str, str]) -> "Exchange":
        """Return a stream that begins."""
        stream = _Stream(self, caller, target, b"", None, ())
        self.later(partial(self._opened, stream))
        return Exchange(stream)

    def _opened(self, stream: "_Stream") -> None:
        server = self.servers.get(stream.address)
        if server is None:
            return stream.deliver(CallFailedError(UNAVAILABLE, REFUSED))
        if self.is_lost(stream, server.process.name):
            return None
        stream.answerer, handler = server.process, server.find(stream.path)
        if handler is None:
            return stream.send(CallFailedError(UNIMPLEMENTED, "Method not found!"))
        server.calls[stream] = None
        context = server.process.context
        stream.work = self.loop.create_task(_answer(server, stream, handler), context=context)
        stream.caller.when_killed(stream.caller_left)
        if not stream.caller.is_alive or not stream.is_open:
            self.later(stream.work.cancel)
        return None

    def is_lost(self, stream: "_Stream", name: str) -> bool:
        """Say whether what goes to `name` never arrives, and nothing that is sent after it."""
        is_parted = bool({name, stream.caller.name} & self.parted)
        stream.is_deaf = stream.is_deaf or is_parted or self.dice.strikes("lose", name)
        return stream.is_deaf


class _Stream(Call):
    """The frames of one stream on their way to who answers it; the rest is as of a call."""

    is_deaf = False

    def __init__(self, *call: Any) -> None:
        super().__init__(*call)
        self._under_way: deque[bytes] = deque()
        self._arrived: deque[bytes] = deque()
        self._news: asyncio.Future[None] = self.network.loop.create_future()

    def push(self, data: bytes) -> None:
        """Send a frame to who answers."""
        self._under_way.append(data)
        self.network.later(self._arrive)

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield the frames that arrive."""
        while True:
            if not self._arrived:
                self._news = self.network.loop.create_future()
                await self._news
            yield self._arrived.popleft()

    def _arrive(self) -> None:
        data, network = self._under_way.popleft(), self.network
        assert isinstance(network, LinkedNetwork)
        if self.answerer is None or network.is_lost(self, self.answerer.name):
            return
        self._arrived.append(data)
        if not self._news.done():
            self._news.set_result(None)


class Exchange:
    """A stream both ways on the side that began it; the part of grpc.aio's call that is used."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        item = await self._stream.receive()
        if item is END:
            raise StopAsyncIteration
        if isinstance(item, CallFailedError):
            self._stream.is_open = False
            raise item
        assert isinstance(item, bytes)
        return item

    async def write(self, data: bytes) -> None:
        """Send a frame.

        Raises:
            InvalidStateError: the stream has ended.
        """
        if not self._stream.is_open:
            raise asyncio.InvalidStateError
        self._stream.push(data)
        await self._stream.network.loop.pause(lag(self._stream.network.loop.chance))

    def cancel(self) -> None:
        """End the stream."""
        self._stream.close()


class _Linked(Transport):
    has_links = True

    def __init__(self, inner: Transport, network: LinkedNetwork, process: Process) -> None:
        self._inner = inner
        self._network = network
        self._process = process

    @override
    def server(self) -> Any:
        return self._inner.server()

    @override
    def channel(self, address: str) -> Any:
        channel = self._inner.channel(address)
        channel.stream_stream = partial(_stream_stream, self._network, self._process, address)
        return channel

    @override
    async def connect(self, address: str) -> None:
        await self._inner.connect(address)


def _stream_stream(
    network: LinkedNetwork, process: Process, address: str, path: str
) -> Callable[[], Exchange]:
    return partial(network.exchange, process, (address, path))


async def _answer(server: SimulatedServer, stream: _Stream, handler: Any) -> None:
    try:
        await handler.stream_stream(stream.frames(), stream)
        stream.send(END)
    except AbortedError as aborted:
        stream.send(aborted.failure)
    except Exception as error:  # noqa: BLE001 - gRPC answers every error
        stream.send(CallFailedError(UNKNOWN, f"Unexpected {type(error)}: {error}"))
    finally:
        server.calls.pop(stream, None)
