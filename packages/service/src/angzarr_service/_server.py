"""A gRPC server: listens, says how healthy it is, drains before it stops."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health

from angzarr import Method, rpc
from angzarr_defence import Entrance, InFlight, is_local, is_unix, socket_fault, socket_path
from angzarr_ports import System
from angzarr_service._channel import Channels
from angzarr_service._handlers import CallLimits, Handlers
from angzarr_settings import Settings
from angzarr_store import RefusedError
from angzarr_trust import Plaintext

HEADROOM_BYTES = 2 * 1024 * 1024
HEADROOM_CALLS = 64
FULL_CONNECTIONS = 8
METADATA_BYTES = 8192
PRIVATE_UMASK = 0o177
STOP_SECONDS = 1.0
HEALTH_SERVICE = "grpc.health.v1.Health"

_OPTIONS = [
    ("grpc.so_reuseport", 0),
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", METADATA_BYTES),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.compression_enabled_algorithms_bitset", 1),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Where to listen, what a call may cost, whether reflection is served.

    `same_user` admits only this user and root at a TCP port in the clear.
    """

    address: str
    limits: CallLimits
    reflection: bool = False
    same_user: bool = False

    @staticmethod
    def of(settings: Settings) -> "ServerConfig":
        """Return the configuration that the settings of a process mean."""
        limits = CallLimits(
            message_bytes=settings.limits.message_bytes,
            longest_seconds=settings.max_deadline,
            usual_seconds=settings.usual_deadline,
            load=settings.limits,
        )
        return ServerConfig(
            address=settings.listen, limits=limits, reflection=settings.reflection, same_user=True
        )


class Server:
    """Serves objects whose methods are named as the methods of a service.

    `handlers` answers a call that comes within a stream as one that comes alone.
    """

    def __init__(self, config: ServerConfig, system: System) -> None:
        self._config = config
        self._system = system
        self._server = (
            _made(config.limits) if system.transport is None else system.transport.server()
        )
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        load = config.limits.load
        self._worker = system.threads.worker("requests")
        self._entrance = Entrance(load.calls_per_second, system.clock, self._worker)
        self._in_flight = InFlight(load.calls, system.metrics)
        self.handlers = Handlers(
            config.limits, self._in_flight, self._entrance, self._worker, system
        )
        self._names = [""]

    def add(self, service: str, implementation: object) -> None:
        """Serve `service`; a method that the object lacks answers UNIMPLEMENTED."""
        handlers = {
            method.name: self.handlers.of(method, getattr(implementation, method.name))
            for method in rpc.SERVICES[service]
            if hasattr(implementation, method.name)
        }
        self._handle(service, handlers)
        self._names.append(service)

    @asynccontextmanager
    async def serving(self, *, drain_seconds: float) -> AsyncIterator[str]:
        """Listen while the body runs, then drain and stop; yield the address as of `start`."""
        try:
            yield await self.start()
        finally:
            await self.aclose(drain_seconds=drain_seconds)
            await self._worker.aclose()

    async def start(self) -> str:
        """Listen; return the address, with the port that was chosen.

        Raises:
            RefusedError: somebody else listens there, or others could connect, as without TLS.
        """
        if self._config.reflection:
            self._reflect()
        await self.ready(serving=False)
        with suppress(OSError):  # gRPC would replace a socket on which somebody listens
            await Channels(transport=self._system.transport).connect(self._config.address)
            raise _taken(self._config.address)
        address = self._bind(self._config.address)
        if is_unix(address) and self._system.transport is None:
            await self._check_private(socket_path(address))
        await self._server.start()
        return address

    async def ready(self, serving: bool) -> None:  # noqa: FBT001 - the one parameter of a callback
        """Tell the health service whether this process takes requests."""
        kinds = health_pb2.HealthCheckResponse
        for name in self._names:
            await self._health.set(name, kinds.SERVING if serving else kinds.NOT_SERVING)

    async def aclose(self, *, drain_seconds: float) -> None:
        """Take no new request, end the streams, let the calls in flight finish, stop."""
        await self.ready(serving=False)
        await self._in_flight.drain(drain_seconds)
        await self._server.stop(STOP_SECONDS)

    def _bind(self, address: str) -> str:
        credentials = (self._system.trust or Plaintext()).server_credentials(address)
        if credentials is not None and self._system.access is None:
            raise RefusedError("access", "empty", "name the file that says who may call what")
        before = os.umask(PRIVATE_UMASK)  # for a Unix socket; gRPC replaces a stale one
        try:
            if credentials is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise _taken(address) from error
        finally:
            os.umask(before)
        if is_unix(address):
            return address
        if self._config.same_user and credentials is None and is_local(address):
            self._entrance.watch(port)
        return f"{address.rpartition(':')[0]}:{port}"

    async def _check_private(self, path: Path) -> None:
        fault = await self._worker.call(lambda: socket_fault(path))
        if fault:
            raise RefusedError("listen", f"{path}, {fault}", "choose a private directory")

    def _reflect(self) -> None:
        from grpc_reflection.v1alpha import (  # noqa: PLC0415 - only who serves it pays
            reflection,
            reflection_pb2,
        )

        names = [*self._names[1:], HEALTH_SERVICE, reflection.SERVICE_NAME]
        method = Method(
            reflection.SERVICE_NAME,
            "ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest,
            reflection_pb2.ServerReflectionResponse,
            client_streams=True,
            server_streams=True,
        )
        work = reflection.aio.ReflectionServicer(names).ServerReflectionInfo
        self._handle(method.service, {method.name: self.handlers.of(method, work)})

    def _handle(
        self, service: str, handlers: "dict[str, grpc.RpcMethodHandler[bytes, bytes]]"
    ) -> None:
        generic = grpc.method_handlers_generic_handler(service, handlers)
        self._server.add_generic_rpc_handlers((generic,))


def _made(limits: CallLimits) -> grpc.aio.Server:
    """Return a server that one connection full of calls without a message cannot fill."""
    size, streams = limits.message_bytes + HEADROOM_BYTES, limits.load.calls + HEADROOM_CALLS
    bounds = [
        ("grpc.max_receive_message_length", size),
        ("grpc.max_send_message_length", size),
        ("grpc.max_concurrent_streams", streams),
        ("grpc.max_allowed_incoming_connections", limits.load.connections),
    ]
    rpcs = FULL_CONNECTIONS * streams
    return grpc.aio.server(options=[*_OPTIONS, *bounds], maximum_concurrent_rpcs=rpcs)


def _taken(address: str) -> RefusedError:
    return RefusedError("listen", address, "free it or choose another address")
