"""Routes with parameters, and answers that go on."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from angzarr_telemetry import Answer, HttpServer, get


class Ticking:
    """A route whose answer goes on; `ended` is set when nobody takes it any more."""

    def __init__(self) -> None:
        self.more = asyncio.Queue[bytes](9)
        self.ended = asyncio.Event()

    async def answer(self, query: Mapping[str, str]) -> Answer:
        """Begin with what the query says."""
        return Answer(status=200, body=query["first"].encode(), parts=self._parts())

    async def _parts(self) -> AsyncGenerator[bytes, None]:
        try:
            while part := await self.more.get():
                yield part
        finally:
            self.ended.set()


def everybody(_host: str, _port: int, _called: int) -> bool:
    """Admit everybody."""
    return True


async def test_an_answer_goes_on_until_its_parts_end(run_directory: Path) -> None:
    """It has no length; the parameters of the query are decoded, the last of two counts."""
    ticking = Ticking()
    for part in (b" two", b" three", b""):
        ticking.more.put_nowait(part)
    server = HttpServer({"/ticks": ticking.answer}, everybody)
    async with server.serving(f"unix:{run_directory}/h.sock") as address:
        found = await get(address, "/ticks?first=x&first=on%65", timeout_seconds=5)

    assert found == (200, b"one two three")
    assert ticking.ended.is_set()


async def test_a_caller_that_leaves_ends_its_answer(run_directory: Path) -> None:
    """The parts are closed at the next that cannot be sent."""
    ticking = Ticking()
    path = f"{run_directory}/h.sock"
    async with HttpServer({"/ticks": ticking.answer}, everybody).serving(f"unix:{path}"):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"GET /ticks?first=one HTTP/1.1\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        async with asyncio.timeout(10):
            while not ticking.ended.is_set():
                if not ticking.more.full():
                    ticking.more.put_nowait(b"x" * 100_000)
                await asyncio.sleep(0.01)  # noqa: TID251 - the other side writes meanwhile

    assert b"Content-Length" not in head
