"""Whether a process can be used."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from angzarr_service import Channels, PeerHealth, UnhealthyError

TIMEOUT_SECONDS = 2.0
OK_LINE = b" 200 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How to ask: `kind` is grpc, connect, http, tcp or none; `address` is what is asked.

    `grpc` needs a health service only where the peer has one (contract.md §5).
    """

    kind: str
    address: str = ""

    async def is_good(self, channels: Channels) -> bool:
        """Say whether the process can be used; ask once, for a few seconds at most."""
        if self.kind == "none":
            return True
        with suppress(OSError, TimeoutError, UnhealthyError):
            if self.kind == "http":
                return await self._get()
            how = {"grpc": "auto"}.get(self.kind, "connect")
            await PeerHealth(self.address, channels).check(how)
            return True
        return False

    async def answers(self, channels: Channels) -> bool:
        """Say whether the process answers at all, be it that it is not ready."""
        if self.kind == "grpc":
            return await PeerHealth(self.address, channels).answers()
        return await self.is_good(channels)

    async def _get(self) -> bool:
        authority, _, path = self.address.removeprefix("http://").partition("/")
        host, _, port = authority.partition(":")
        async with asyncio.timeout(TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port or 80))
            try:
                request = f"GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
                writer.write(request.encode())
                return OK_LINE in await reader.readline()
            finally:
                writer.close()
