"""Calls between simulated processes: late, lost, cut, never reordered within one stream."""

import contextvars
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from typing_extensions import override

from angzarr_ports import CallFailedError, Transport
from angzarr_simulation._call import END, UNAVAILABLE, AbortedError, Call, Metadata, Replies
from angzarr_simulation._chances import Dice
from angzarr_simulation._loop import SimulatedLoop
from angzarr_simulation._ports import lag
from angzarr_simulation._process import Process

UNKNOWN, UNIMPLEMENTED = 2, 12
REFUSED = "failed to connect to all addresses; last error: connection refused"


@dataclass(frozen=True, slots=True)
class _Details:
    method: str
    invocation_metadata: Metadata = ()


class SimulatedServer:
    """What serves at one address; the part of grpc.aio.Server that is used."""

    def __init__(self, network: "Network", process: Process) -> None:
        self.process = process
        self.calls: dict[Call, None] = {}
        self._network = network
        self._handlers: list[Any] = []
        self._found: dict[str, Any] = {}
        self._addresses: list[str] = []
        process.when_killed(self._die)

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Serve the methods of some services."""
        self._handlers += handlers

    def add_registered_method_handlers(self, service: str, handlers: Any) -> None:  # noqa: ANN401 - as gRPC
        """Take what the generated code says twice."""

    def add_insecure_port(self, address: str) -> int:
        """Listen at an address.

        Raises:
            RuntimeError: somebody else does.
        """
        if self._network.is_served(address):
            raise RuntimeError(f"{address} is in use")
        self._addresses.append(address)
        return 1

    async def start(self) -> None:
        """Take calls from now on."""
        for address in self._addresses:
            self._network.servers[address] = self

    async def stop(self, _grace: float | None) -> None:
        """Take no more calls and end those that run."""
        self.leave()
        for call in tuple(self.calls):
            if call.work is not None:
                call.work.cancel()
            call.cut()

    def leave(self) -> None:
        """Listen no more, so that another may."""
        for address in self._addresses:
            if self._network.servers.get(address) is self:
                del self._network.servers[address]

    def find(self, path: str) -> Any:  # noqa: ANN401 - a handler of gRPC's
        """Return what answers a method, or None."""
        if path not in self._found:
            found = (it.service(_Details(path)) for it in self._handlers)
            self._found[path] = next((it for it in found if it is not None), None)
        return self._found[path]

    def _die(self) -> None:
        self.leave()
        for call in tuple(self.calls):
            call.cut()


class _Channel:
    """The calls of one process to one address."""

    def __init__(self, network: "Network", caller: Process, address: str) -> None:
        self._network = network
        self._caller = caller
        self._address = address

    def unary_unary(self, path: str) -> Callable[..., Any]:
        return partial(self._network.call, self._caller, (self._address, path))

    def unary_stream(self, path: str) -> Callable[..., Any]:
        return partial(self._network.stream, self._caller, (self._address, path))

    async def close(self) -> None:
        """Nothing is held."""


class _Reach(Transport):
    """The network as one process reaches it."""

    def __init__(self, network: "Network", process: Process) -> None:
        self._network = network
        self._process = process

    @override
    def server(self) -> SimulatedServer:
        return SimulatedServer(self._network, self._process)

    @override
    def channel(self, address: str) -> _Channel:
        return _Channel(self._network, self._process, address)

    @override
    async def connect(self, address: str) -> None:
        await self._network.loop.pause(lag(self._network.loop.chance))
        if not self._network.is_served(address):
            raise ConnectionRefusedError(REFUSED)


class Network:
    """Who listens where, and every call under way; `parted` names processes nobody reaches."""

    def __init__(self, loop: SimulatedLoop, dice: Dice) -> None:
        self.loop = loop
        self.dice = dice
        self.servers: dict[str, SimulatedServer] = {}
        self.parted: set[str] = set()
        self._context = contextvars.Context()

    def reach_of(self, process: Process) -> Transport:
        """Return the network as `process` reaches it."""
        return _Reach(self, process)

    def is_served(self, address: str) -> bool:
        """Say whether somebody listens there."""
        return address in self.servers

    def vacate(self, process: Process) -> None:
        """Give the addresses of a process away, as the stop of a container does."""
        for server in [*self.servers.values()]:
            if server.process is process:
                server.leave()

    def later(self, work: Callable[[], object]) -> None:
        """Do something of nobody's some time later."""
        self.loop.call_later(lag(self.loop.chance), work, context=self._context)

    async def call(
        self,
        caller: Process,
        target: tuple[str, str],
        data: bytes,
        *,
        timeout: float,  # noqa: ASYNC109 - as gRPC
        metadata: Metadata,
    ) -> bytes:
        """Return the reply to one request.

        Raises:
            CallFailedError: there is none.
        """
        call = Call(self, caller, target, data, self.loop.now + timeout, metadata)
        expiry = self.loop.call_later(timeout, call.expire, context=self._context)
        self.later(partial(self._arrive, call))
        try:
            item = await call.receive()
        finally:
            expiry.cancel()
            call.close()
        if isinstance(item, CallFailedError):
            raise item
        assert isinstance(item, bytes)  # noqa: S101 - handlers send bytes
        return item

    def stream(
        self,
        caller: Process,
        target: tuple[str, str],
        data: bytes,
        *,
        timeout: float | None,
        metadata: Metadata,
    ) -> Replies:
        """Return the replies to one request as they come."""
        deadline = None if timeout is None else self.loop.now + timeout
        call = Call(self, caller, target, data, deadline, metadata)
        expiry = None
        if timeout is not None:
            expiry = self.loop.call_later(timeout, call.expire, context=self._context)
        self.later(partial(self._arrive, call))
        return Replies(call, expiry)

    def _arrive(self, call: Call) -> None:
        server = self.servers.get(call.address)
        if server is None:
            call.deliver(CallFailedError(UNAVAILABLE, REFUSED))
            return
        name = server.process.name
        if {name, call.caller.name} & self.parted or self.dice.strikes("lose", name):
            return
        call.answerer = server.process
        handler = server.find(call.path)
        if handler is None:
            call.send(CallFailedError(UNIMPLEMENTED, "Method not found!"))
            return
        server.calls[call] = None
        context = server.process.context
        call.work = self.loop.create_task(_answer(server, call, handler), context=context)
        if not call.caller.is_alive or not call.is_open:
            self.later(call.work.cancel)


async def _answer(server: SimulatedServer, call: Call, handler: Any) -> None:  # noqa: ANN401 - a handler of gRPC's
    read, write = handler.request_deserializer, handler.response_serializer
    request = read(call.data) if read else call.data
    try:
        if handler.response_streaming:
            await handler.unary_stream(request, call)
            call.send(END)
        else:
            reply = await handler.unary_unary(request, call)
            call.send(write(reply) if write else reply)
    except AbortedError as aborted:
        call.send(aborted.failure)
    except Exception as error:  # noqa: BLE001 - gRPC answers every error
        call.send(CallFailedError(UNKNOWN, f"Unexpected {type(error)}: {error}"))
    finally:
        server.calls.pop(call, None)
