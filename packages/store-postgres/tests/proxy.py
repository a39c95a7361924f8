"""A wire between a store and its server that can be cut where it hurts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"


class Wire:
    """Passes bytes on; once it is armed, what answers a COMMIT is lost with its connection."""

    def __init__(self, port: int) -> None:
        self._there = port
        self.port = 0
        self.lost = 0
        self.to_lose = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Wire"]:
        """Listen until the end."""
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        server.close()

    def through(self, url: str) -> str:
        """Return the URL by way of this wire."""
        return url.replace(f":{urlsplit(url).port}/", f":{self.port}/")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._there)
        except OSError:
            writer.close()
            return
        cut = asyncio.Event()
        with suppress(OSError):
            async with asyncio.TaskGroup() as group:
                group.create_task(self._there_to(reader, back, cut))
                group.create_task(self._back_to(there, writer, cut))

    async def _there_to(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if self.to_lose and b"COMMIT\0" in data:
                self.to_lose -= 1
                cut.set()
            writer.write(data)
        writer.close()

    async def _back_to(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if cut.is_set():
                self.lost += 1
                break
            writer.write(data)
        writer.transport.abort()
