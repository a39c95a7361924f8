"""Whether a process can be used."""

import asyncio
from dataclasses import dataclass

from grpc_health.v1 import health_pb2

from angzarr import Method
from angzarr_service import CallError, Channels

TIMEOUT_SECONDS = 2.0
OK_LINE = b" 200 "
NOT_FOUND, DEADLINE_EXCEEDED, UNAVAILABLE = 5, 4, 14
SILENT = frozenset({DEADLINE_EXCEEDED, UNAVAILABLE})
CHECK = Method(
    "grpc.health.v1.Health",
    "Check",
    health_pb2.HealthCheckRequest,
    health_pb2.HealthCheckResponse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How to ask: `kind` is grpc, http, tcp or none; `address` is what is asked."""

    kind: str
    address: str = ""

    async def is_good(self, channels: Channels) -> bool:
        """Say whether the process can be used; ask once, for two seconds at most."""
        if self.kind == "none":
            return True
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._ask(channels)
        except (OSError, TimeoutError):
            return False

    async def answers(self, channels: Channels) -> bool:
        """Say whether the process answers at all, be it that it is not ready.

        A process that waits for another one is alive; killing it would help nobody.
        """
        if self.kind != "grpc":
            return await self.is_good(channels)
        try:
            await channels.call(
                self.address,
                CHECK,
                health_pb2.HealthCheckRequest(),
                timeout_seconds=TIMEOUT_SECONDS,
            )
        except CallError as error:
            return error.status.code not in SILENT
        return True

    async def _ask(self, channels: Channels) -> bool:
        reader, writer = await self._connect()
        try:
            if self.kind == "http":
                return await self._get(reader, writer)
        finally:
            writer.close()
        return self.kind == "tcp" or await self._check(channels)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.address.startswith("unix:"):
            return await asyncio.open_unix_connection(self.address.removeprefix("unix:"))
        host, _, port = self._authority().rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))

    async def _get(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _, _, path = self.address.removeprefix("http://").partition("/")
        host = self._authority()
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return OK_LINE in await reader.readline()

    def _authority(self) -> str:
        return self.address.removeprefix("http://").partition("/")[0]

    async def _check(self, channels: Channels) -> bool:
        """Ask the health service; a peer without one is healthy when it accepts connections."""
        try:
            answer = await channels.call(
                self.address,
                CHECK,
                health_pb2.HealthCheckRequest(),
                timeout_seconds=TIMEOUT_SECONDS,
            )
        except CallError as error:
            return error.status.is_unimplemented or error.status.code == NOT_FOUND
        return answer.status == health_pb2.HealthCheckResponse.SERVING
