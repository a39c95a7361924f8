"""A gRPC server: listens, says how healthy it is, drains before it stops."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health

from angzarr import rpc
from angzarr_ports import System
from angzarr_service._address import is_unix
from angzarr_service._handlers import CallLimits, Handlers
from angzarr_service._inflight import InFlight
from angzarr_settings import Settings
from angzarr_store import RefusedError

HEADROOM_BYTES = 2 * 1024 * 1024
METADATA_BYTES = 8192
PRIVATE_UMASK = 0o177
STOP_SECONDS = 1.0
HEALTH_SERVICE = "grpc.health.v1.Health"

_OPTIONS = [
    ("grpc.so_reuseport", 0),
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Where to listen, what a call may cost, and whether reflection is served."""

    address: str
    limits: CallLimits
    reflection: bool = False

    @staticmethod
    def of(settings: Settings) -> "ServerConfig":
        """Return the configuration that the settings of a process mean."""
        limits = CallLimits(
            message_bytes=settings.limits.message_bytes,
            longest_seconds=settings.max_deadline,
            usual_seconds=settings.usual_deadline,
        )
        return ServerConfig(address=settings.listen, limits=limits, reflection=settings.reflection)


class Server:
    """Serves objects whose methods are named as the methods of a service."""

    def __init__(self, config: ServerConfig, system: System) -> None:
        self._config = config
        limit = config.limits.message_bytes + HEADROOM_BYTES
        sizes = [
            ("grpc.max_receive_message_length", limit),
            ("grpc.max_send_message_length", limit),
        ]
        other = system.transport.server() if system.transport else None
        self._server: grpc.aio.Server = other or grpc.aio.server(options=[*_OPTIONS, *sizes])
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._in_flight = InFlight()
        self._handlers = Handlers(config.limits, self._in_flight, system)
        self._names = [""]

    def add(self, service: str, implementation: object) -> None:
        """Serve `service`; a method that the object lacks answers UNIMPLEMENTED."""
        handlers = {
            method.name: self._handlers.of(method, getattr(implementation, method.name))
            for method in rpc.SERVICES[service]
            if hasattr(implementation, method.name)
        }
        generic = grpc.method_handlers_generic_handler(service, handlers)
        self._server.add_generic_rpc_handlers((generic,))
        self._names.append(service)

    @asynccontextmanager
    async def serving(self, *, drain_seconds: float) -> AsyncIterator[str]:
        """Listen while the body runs, then drain and stop; yield the address as of `start`."""
        try:
            yield await self.start()
        finally:
            await self.aclose(drain_seconds=drain_seconds)

    async def start(self) -> str:
        """Listen; return the address, with the port that was chosen.

        Raises:
            RefusedError: somebody else listens there.
        """
        if self._config.reflection:
            self._reflect()
        await self.ready(serving=False)
        address = self._bind(self._config.address)
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
        try:
            if is_unix(address):
                self._bind_privately(address)
                return address
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise RefusedError("listen", address, "free it or choose another address") from error
        return f"{address.rpartition(':')[0]}:{port}"

    def _bind_privately(self, address: str) -> None:
        """Bind a socket that only this user may open; gRPC replaces a stale one."""
        before = os.umask(PRIVATE_UMASK)
        try:
            self._server.add_insecure_port(address)
        finally:
            os.umask(before)

    def _reflect(self) -> None:
        from grpc_reflection.v1alpha import reflection  # noqa: PLC0415 - only who serves it pays

        names = [*self._names[1:], HEALTH_SERVICE, reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, self._server)
