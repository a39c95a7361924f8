"""A TCP proxy that cuts, holds and refuses connections."""

import asyncio
from contextlib import suppress

CHUNK_BYTES = 65536


class Proxy:
    """Passes bytes on between clients and one port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def address(self) -> str:
        """Return where the proxy listens."""
        assert self._server is not None
        return "127.0.0.1:{}".format(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    def cut(self) -> int:
        """Cut every connection in the middle of what flows; return how many there were."""
        found = list(self._open)
        for writer in found:
            writer.transport.abort()
        return len(found)

    def hold(self) -> None:
        """Let nothing through, in either direction, without closing anything."""
        self._flowing.clear()

    def release(self) -> None:
        """Let through what was held, and what comes."""
        self._flowing.set()

    async def aclose(self) -> None:
        """Cut everything and listen no more."""
        assert self._server is not None
        self._server.close()
        self.release()
        self.cut()
        for task in tuple(self._passing):
            await task
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._open |= {writer, back}
        self._passing.add(task)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back))
                group.create_task(self._pass(there, writer))
        finally:
            self._open -= {writer, back}
            self._passing.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
