"""A connection between the gateway and a coordinator that can be muted and cut."""

import asyncio
from contextlib import suppress


class Link:
    """Forwards bytes to an address; what comes back can be withheld."""

    def __init__(self, target: str) -> None:
        self._target = target.removeprefix("unix:")
        self._open: list[asyncio.StreamWriter] = []
        self.muted = False
        self.address = ""

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    def cut(self) -> None:
        """Break every connection; new ones are accepted."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    def close(self) -> None:
        """Break every connection and accept no new one."""
        self._server.close()
        self.cut()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            upstream, downstream = await asyncio.open_unix_connection(self._target)
            self._open += [writer, downstream]
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, downstream, back=False))
                group.create_task(self._pump(upstream, writer, back=True))
        writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if not (back and self.muted):
                    writer.write(data)
        writer.transport.abort()
