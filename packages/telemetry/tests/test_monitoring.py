"""Health and metrics over HTTP, on real sockets."""

import asyncio
import json
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from typing_extensions import override

from angzarr_telemetry import Monitored, Monitoring, checks_of, get

TEXT = "# HELP angzarr_x X.\n# TYPE angzarr_x counter\nangzarr_x{} 1\n"


class Subject(Monitored):
    """A process whose store can fail."""

    def __init__(self) -> None:
        self.fault = ""

    @override
    async def checks(self) -> Mapping[str, str]:
        return {"store": self.fault, "logic": ""}

    @override
    async def metrics(self) -> str:
        return TEXT


def everybody(_host: str, _port: int, _called: int) -> bool:
    """Admit everybody."""
    return True


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ang") as directory:
        yield Path(directory)


@pytest.fixture
def subject() -> Subject:
    """Return what is monitored."""
    return Subject()


@pytest.fixture
async def address(subject: Subject) -> AsyncIterator[str]:
    """Monitor it on a free port."""
    async with Monitoring(subject, everybody).serving("127.0.0.1:0") as bound:
        yield bound


async def raw(address: str, request: bytes) -> bytes:
    """Return everything that a connection answers."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_probes_say_what_holds(address: str, subject: Subject) -> None:
    """200 and ok, or 503 and what fails; being alive depends on nothing."""
    good = await get(address, "/readyz", timeout_seconds=5)
    subject.fault = "OSError: no space"
    bad = await get(address, "/readyz", timeout_seconds=5)
    alive = await get(address, "/livez", timeout_seconds=5)
    started = await get(address, "/startupz", timeout_seconds=5)

    assert json.loads(good[1]) == {"status": "ok", "checks": {"store": "ok", "logic": "ok"}}
    assert (good[0], bad[0], alive[0], started[0]) == (200, 503, 200, 200)
    assert json.loads(bad[1]) == {
        "status": "failing",
        "checks": {"store": "failing: OSError: no space", "logic": "ok"},
    }
    assert checks_of(bad[1]) == {"store": "OSError: no space", "logic": ""}


async def test_metrics_are_text(address: str) -> None:
    """In the format of Prometheus, with its content type."""
    answer = await raw(address, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert body.decode() == TEXT
    assert b"Content-Type: text/plain; version=0.0.4; charset=utf-8" in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert b"frame-ancestors 'none'" in head
    assert b"Access-Control" not in head


async def test_other_requests_hear_why_not(address: str) -> None:
    """HEAD has no body, an unknown path is 404, a foreign host and a POST are refused."""
    head = await raw(address, b"HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    nothing = await raw(address, b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    foreign = await raw(address, b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    post = await raw(address, b"POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    long = await raw(address, b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 9000)

    assert head.startswith(b"HTTP/1.1 200 ")
    assert head.endswith(b"\r\n\r\n")
    assert nothing.startswith(b"HTTP/1.1 404 ")
    assert foreign.startswith(b"HTTP/1.1 421 ")
    assert TEXT.encode() not in foreign
    assert post.startswith(b"HTTP/1.1 405 ")
    assert b"Allow: GET, HEAD" in post
    assert long.startswith(b"HTTP/1.1 431 ")


async def test_a_client_that_says_nothing_is_let_go(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hears that its request did not come in time."""
    monkeypatch.setattr("angzarr_telemetry._http.REQUEST_SECONDS", 0.1)

    assert (await raw(address, b"GET /met")).startswith(b"HTTP/1.1 408 ")


async def test_too_many_connections_are_closed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those beyond the limit get nothing; the others are served."""
    monkeypatch.setattr("angzarr_telemetry._http.CONNECTIONS", 1)
    host, _, port = address.rpartition(":")
    _, holder = await asyncio.open_connection(host, int(port))
    holder.write(b"GET")
    await holder.drain()

    assert await raw(address, b"") == b""
    holder.close()


async def test_a_client_that_leaves_is_forgotten(address: str) -> None:
    """Half a request and the end of it disturb nobody."""
    host, _, port = address.rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /metr")
    writer.close()

    assert (await get(address, "/livez", timeout_seconds=5))[0] == 200


async def test_a_socket_is_private_and_replaces_a_stale_one(place: Path, subject: Subject) -> None:
    """Nobody else may open it; a file of a killed process is no obstacle."""
    path = place / "m.sock"
    for _ in range(2):
        async with Monitoring(subject, everybody).serving(f"unix:{path}") as address:
            status, body = await get(address, "/metrics", timeout_seconds=5)
            mode = await asyncio.to_thread(lambda: path.stat().st_mode)

    assert (status, body.decode()) == (200, TEXT)
    assert stat.S_IMODE(mode) == 0o600


async def test_what_is_no_server_of_ours_is_an_error(place: Path) -> None:
    """Nobody there, and somebody who speaks otherwise."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0\r\n")
        writer.close()

    with pytest.raises(OSError, match="No such file"):
        await get(f"unix:{place}/nobody.sock", "/metrics", timeout_seconds=5)
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="does not speak HTTP"):
            await get(f"127.0.0.1:{port}", "/metrics", timeout_seconds=5)


async def test_whoever_is_not_welcome_hears_nothing(subject: Subject) -> None:
    """A caller at a port is asked for by both ends of its connection; the answer is 403."""
    asked: list[tuple[str, int, int]] = []

    def nobody(host: str, port: int, called: int) -> bool:
        asked.append((host, port, called))
        return False

    async with Monitoring(subject, nobody).serving("127.0.0.1:0") as address:
        answers = [await get(address, it, timeout_seconds=5) for it in ("/metrics", "/livez")]

    assert [status for status, _ in answers] == [403, 403]
    assert not any(TEXT.encode() in body for _, body in answers)
    assert {(host, called) for host, _, called in asked} == {
        ("127.0.0.1", int(address.rpartition(":")[2]))
    }
