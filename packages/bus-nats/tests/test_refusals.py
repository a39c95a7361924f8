"""Servers that are not to be used: versions that lose streams, or no TLS where it is wanted."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path

import pytest

from angzarr_bus import BusRefusedError
from angzarr_bus_conformance import delivered, frame
from angzarr_testserver_nats import NatsServer

from .conftest import Open

Greet = Callable[[bytes], Awaitable[str]]


@pytest.fixture
async def greeting(nats_server: NatsServer) -> AsyncIterator[Greet]:
    """Return what forwards to the server and changes the version in its greeting."""
    async with AsyncExitStack() as stack:

        async def start(version: bytes) -> str:
            async def forward(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
                reader, writer = await asyncio.open_connection("127.0.0.1", nats_server.port)
                greeting = await reader.readline()
                back.write(re.sub(rb'"version":"[^"]*"', b'"version":"%s"' % version, greeting))
                async with asyncio.TaskGroup() as group:
                    group.create_task(pump(client, writer))
                    group.create_task(pump(reader, back))

            server = await stack.enter_async_context(
                await asyncio.start_server(forward, "127.0.0.1", 0)
            )
            return f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"

        yield start


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes until either side ends."""
    with suppress(OSError), closing(writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@pytest.mark.parametrize(
    ("version", "why"),
    [
        (b"2.8.4", "use 2.9 or newer"),
        (b"1.4.1", "use 2.9 or newer"),
        (b"dev", "use 2.9 or newer"),
        (b"2.10.20", "loses its streams"),
        (b"2.10.21", "loses its streams"),
        (b"2.10.22-RC.3", "loses its streams"),
    ],
)
async def test_a_known_bad_version_is_refused(
    greeting: Greet, open_bus: Open, version: bytes, why: str
) -> None:
    """The start ends with the setting, the server, its version and the fix."""
    url = await greeting(version)

    with pytest.raises(BusRefusedError, match=rf"^bus\.url is {url}, NATS .*{why}"):
        await open_bus(url)


@pytest.mark.parametrize("version", [b"2.9.0", b"2.10.19", b"2.10.23", b"3.0.0"])
async def test_other_versions_are_used(greeting: Greet, open_bus: Open, version: bytes) -> None:
    """The neighbours of the bad ones, and newer ones."""
    bus = await open_bus(await greeting(version))
    inbox = await bus.subscribe("order", "saga", limit_frames=16)

    assert (await delivered(bus, inbox, frame(1))).position == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine with its key, signed by itself."""
    names = "subjectAltName=IP:127.0.0.1"
    kind = ("-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nats", "-addext", names)
    files = ("-out", str(tmp_path / "cert.pem"), "-keyout", str(tmp_path / "key.pem"))
    subprocess.run(["openssl", "req", "-x509", *kind, *files], check=True, capture_output=True)  # noqa: S603, S607 - the tool of the machine
    return tmp_path / "cert.pem"


@pytest.fixture
def tls_server(make_nats_server: Callable[..., NatsServer], certificate: Path) -> NatsServer:
    """A server that speaks TLS only."""
    key = str(certificate.with_name("key.pem"))
    return make_nats_server("", "--tls", "--tlscert", str(certificate), "--tlskey", key)


async def test_tls_is_verified(
    tls_server: NatsServer,
    certificate: Path,
    open_bus: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate nobody vouches for is refused; with its issuer trusted frames arrive."""
    url = tls_server.url.replace("nats:", "tls:")
    with pytest.raises(BusRefusedError, match=rf"^bus\.url is {url}, .*self-signed.*SSL_CERT_FILE"):
        await open_bus(url)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    bus = await open_bus(url)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)

    assert (await delivered(bus, inbox, frame(1))).position == 1


async def test_tls_is_never_given_up(nats_server: NatsServer, open_bus: Open) -> None:
    """A server that answers in the clear where TLS is wanted is sent nothing."""
    url = nats_server.url.replace("nats:", "tls:")

    with pytest.raises(BusRefusedError, match=rf"^bus\.url is {url}, without TLS"):
        await open_bus(url)
