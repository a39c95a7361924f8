"""A process of ours beyond its machine: settings, certificates, rules, exit code."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from angzarr_settings import TlsSettings

from .authority import Authority
from .conftest import World

GATEWAY = Path(sys.executable).with_name("angzarr-gateway")
ANGZARR = Path(sys.executable).with_name("angzarr")
ROOTS = "/angzarr.EventQuery/GetAggregateRoots"
REFUSED, UNAVAILABLE, USAGE = 78, 6, 2
SECONDS = 60

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def address(host: str) -> str:
    """Return an address that nobody listens at."""
    with socket.create_server((host, 0)) as free:
        return f"{host}:{free.getsockname()[1]}"


@pytest.fixture
def rules(run_directory: Path) -> Path:
    """Return a file by which the component `desk` may read everything."""
    file = run_directory / "access.yaml"
    file.write_text("access: [{identity: desk, domains: ['*'], classes: [read]}]")
    file.chmod(0o600)
    return file


@asynccontextmanager
async def gateway(
    address: str, files: TlsSettings, more: Mapping[str, str]
) -> AsyncIterator[Process]:
    """Run a gateway while the body runs."""
    told = {"ANGZARR_LISTEN": address, **variables(files)}
    process = await asyncio.create_subprocess_exec(GATEWAY, env={**told, **more}, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


def variables(files: TlsSettings) -> Mapping[str, str]:
    """Return what tells a process who it is."""
    return {
        "ANGZARR_TLS__CERTIFICATE": files.certificate,
        "ANGZARR_TLS__KEY": files.key,
        "ANGZARR_TLS__AUTHORITY": files.authority,
    }


async def listed(address: str, environment: Mapping[str, str]) -> tuple[int | None, str]:
    """Return exit code and errors of a command that asks a gateway."""
    words = ("--gateway", address, "subscriber", "list")
    process = await asyncio.create_subprocess_exec(
        ANGZARR, *words, env=environment, stdout=PIPE, stderr=PIPE
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def code(address: str, who: TlsSettings, authority: Authority) -> str:
    """Return how a question of a foreign client ends, once somebody listens."""
    key, certificate = await asyncio.to_thread(_shown, who)
    credentials = grpc.ssl_channel_credentials(authority.pem, key, certificate)
    async with grpc.aio.secure_channel(address, credentials) as channel:
        call = channel.unary_stream(ROOTS)(b"", wait_for_ready=True, timeout=SECONDS)
        return (await call.code()).name


def _shown(files: TlsSettings) -> tuple[bytes, bytes]:
    return Path(files.key).read_bytes(), Path(files.certificate).read_bytes()


async def test_a_gateway_beyond_its_machine(world: World, address: str, rules: Path) -> None:
    """It answers who has a certificate and a right, denies who has no right, and drains."""
    files = await world.settings("gateway")
    async with gateway(address, files, {"ANGZARR_ACCESS": str(rules)}) as process:
        desk = await code(address, await world.settings("desk"), world.authority)
        other = await code(address, await world.settings("other"), world.authority)

    assert (desk, other) == ("OK", "PERMISSION_DENIED")
    assert process.returncode == 0


async def test_a_gateway_without_rules_does_not_start(world: World, address: str) -> None:
    """It ends with the exit code of a refusal, and its last line says what is missing."""
    files = await world.settings("gateway")
    async with gateway(address, files, {}) as process, asyncio.timeout(SECONDS):
        out, _ = await process.communicate()

    assert process.returncode == REFUSED
    assert b"access is empty; name the file that says who may call what" in out


async def test_the_command_shows_its_certificate(world: World, address: str, rules: Path) -> None:
    """As the variables say; without them it says nothing to a gateway beyond its machine."""
    desk = await world.settings("desk")
    files = await world.settings("gateway")
    async with gateway(address, files, {"ANGZARR_ACCESS": str(rules)}):
        assert await code(address, desk, world.authority) == "OK"
        shown = await listed(address, variables(desk))
        silent = await listed(address, {})
        broken = await listed(address, {**variables(desk), "ANGZARR_TLS__KEY": "none"})

    assert shown == (0, "")
    assert (silent[0], broken[0]) == (UNAVAILABLE, USAGE)
    assert "set tls.certificate" in silent[1]
    assert "tls.key is none, No such file" in broken[1]
