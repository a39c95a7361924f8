"""T7: floods of frames that no library sends; others are served all the while."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from . import h2

PATH = b"/angzarr.EventQuery/GetEventBook"


def resets() -> bytes:
    """Open and cancel three thousand streams."""
    headers = h2.request_headers(PATH)
    return b"".join(
        h2.frame(h2.HEADERS, h2.END_HEADERS, stream, headers)
        + h2.frame(h2.RST_STREAM, 0, stream, b"\0\0\0\x08")
        for stream in range(1, 6_001, 2)
    )


def streams() -> bytes:
    """Open a hundred times more streams than allowed, and leave them open."""
    headers = h2.request_headers(PATH)
    return b"".join(
        h2.frame(h2.HEADERS, h2.END_HEADERS, stream, headers) for stream in range(1, 4_001, 2)
    )


def pings() -> bytes:
    """Ask for ten thousand signs of life."""
    return h2.frame(h2.PING, 0, 0, bytes(8)) * 10_000


def settings() -> bytes:
    """Change the settings ten thousand times."""
    return h2.frame(h2.SETTINGS, 0, 0, b"\0\4\0\1\0\0") * 10_000


def continuations() -> bytes:
    """Begin headers that do not end: 16 MiB of them."""
    more = b"".join(h2.header(b"x-%d" % number, b"v" * 4000) for number in range(4))
    begin = h2.frame(h2.HEADERS, 0, 1, h2.request_headers(PATH))
    return begin + h2.frame(h2.CONTINUATION, 0, 1, more) * 1000


def references() -> bytes:
    """Let one remembered header stand for 4,000 each in twenty requests."""
    remembered = b"\x40" + h2.text(b"x-big") + h2.text(b"v" * 3000)
    return h2.frame(
        h2.HEADERS, h2.END_HEADERS, 1, h2.request_headers(PATH) + remembered
    ) + b"".join(
        h2.frame(h2.HEADERS, h2.END_HEADERS, stream, h2.request_headers(PATH) + b"\xbe" * 4000)
        for stream in range(3, 43, 2)
    )


def flood(address: str, data: bytes) -> None:
    """Send it, and read what comes back until the connection ends or is silent."""
    host, _, port = address.rpartition(":")
    with h2.connected(host, port) as connection:
        connection.settimeout(2)
        with suppress(OSError):
            connection.sendall(data)
        h2.read_until(connection, lambda _: False)


@pytest.mark.parametrize("attack", [resets, streams, pings, settings, continuations, references])
async def test_a_flood_of_frames_harms_nobody_else(serve: Any, attack: Callable[[], bytes]) -> None:
    """Another caller sees no error, memory stays, and nothing of it is answered by a call."""
    async with serve(calls=20) as world:
        await world.ask()
        before = await asyncio.to_thread(resident_bytes)
        attacking = asyncio.ensure_future(asyncio.to_thread(flood, world.address, attack()))
        served = 0
        while not attacking.done() or served < 20:
            await world.ask()
            served += 1

        await attacking
        after = await asyncio.to_thread(resident_bytes)
        assert after - before < 64 << 20
        assert world.queries.calls == served + 1


def resident_bytes() -> int:
    """Return how much memory this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - as every reader does
        return int(file.read().split()[1]) * 4096
