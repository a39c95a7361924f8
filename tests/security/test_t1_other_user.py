"""T1: another local user connects, reads, or waits in our place."""

import asyncio
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from typing_extensions import override

from angzarr.feed_pb2 import HeadRequest, HeadResponse
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.types_pb2 import CommandBook
from angzarr_defence import is_ours
from angzarr_telemetry import Monitored, Monitoring, get
from examples.order_pb2 import CreateOrder

from . import stranger
from .application import Application
from .h2 import call

H2 = Path(__file__).with_name("h2.py").read_text(encoding="utf-8")
CONNECT = """
import socket, sys
for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("connected")
    except OSError as error:
        print(error.errno)
"""
OPEN = """
import os, sys
for path in sys.argv[1:]:
    try:
        os.open(path, os.O_RDWR | os.O_NONBLOCK)
        print("opened")
    except OSError as error:
        print(error.errno)
"""
METRICS = """
import socket, sys
host, port = sys.argv[1].split(":")
with socket.create_connection((host, int(port))) as connection:
    connection.sendall(b"GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    while data := connection.recv(4096):
        print(data.decode())
"""
EACCES = "13"
pytestmark = pytest.mark.timeout(120)

OK, PERMISSION_DENIED = 0, 7
BOOK = "/angzarr.EventQuery/GetEventBook"


def found(directory: Path, pattern: str) -> list[Path]:
    """Return the files that match, at least one."""
    files = sorted(directory.rglob(pattern))
    assert files
    return files


def test_no_socket_is_reached(shop: Application) -> None:
    """Neither those of the coordinators nor those of the logic."""
    sockets = found(shop.run, "*.sock")

    assert stranger.run(CONNECT, *sockets).split() == [EACCES] * len(sockets)


@pytest.mark.parametrize("pattern", ["*.pipe", "status.json", "lock"])
def test_nothing_in_the_run_directory_is_opened(shop: Application, pattern: str) -> None:
    """Pipes, status and lock are this user's."""
    files = found(shop.run, pattern)

    assert stranger.run(OPEN, *files).split() == [EACCES] * len(files)


@pytest.mark.parametrize("pattern", ["*.db", "*.db-wal", "*.db-shm", "*.log", "*.lock"])
def test_nothing_of_the_project_data_is_opened(shop: Application, pattern: str) -> None:
    """Events and logs are this user's, also where the directories above are not closed."""
    files = found(shop.home / ".angzarr", pattern)

    assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in files} == {0}
    assert stranger.run(OPEN, *files).split() == [EACCES] * len(files)


def test_a_stranger_is_refused_at_the_gateway(shop: Application) -> None:
    """The kernel says whose connection it is; the owner is served at the same port."""
    code = f"{H2}\nimport sys\nprint(call('127.0.0.1', sys.argv[1], sys.argv[2], b''))"

    assert stranger.run(code, shop.port, BOOK) == str(PERMISSION_DENIED)
    assert call("127.0.0.1", shop.port, "/angzarr.EventFeed/Head", b"\x0a\x05order") == OK


def test_a_stranger_learns_nothing_by_reflection(shop: Application) -> None:
    """It is on for the owner's tools."""
    path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    code = f"{H2}\nimport sys\nprint(call('127.0.0.1', sys.argv[1], sys.argv[2], b':\\x00'))"

    assert stranger.run(code, shop.port, path) == str(PERMISSION_DENIED)
    assert call("127.0.0.1", shop.port, path, b":\x00") == OK


async def test_a_stranger_is_refused_at_the_monitoring_port() -> None:
    """Neither metrics nor health are for others; this user reads them."""

    class Nothing(Monitored):
        @override
        async def checks(self) -> Mapping[str, str]:
            return {}

        @override
        async def metrics(self) -> str:
            return "angzarr_secret 1"

    async with Monitoring(Nothing(), is_ours).serving("127.0.0.1:0") as address:
        ours = await get(address, "/metrics", timeout_seconds=10)
        told = await asyncio.to_thread(stranger.run, METRICS, address)

    assert ours == (200, b"angzarr_secret 1")
    assert told.startswith("HTTP/1.1 403")
    assert "angzarr_secret" not in told


async def test_a_socket_is_private_where_its_directory_is_not(serve: Any, place: Path) -> None:
    """Its mode alone keeps others out."""
    await asyncio.to_thread(place.chmod, 0o755)
    async with serve(f"unix:{place}/s.sock") as world:
        await world.ask()
        found = await asyncio.to_thread(stranger.run, CONNECT, place / "s.sock")

        assert found == EACCES


def test_who_hangs_up_is_not_taken_for_root(shop: Application) -> None:
    """The kernel shows a socket without a process as root's; its commands have no effect."""
    before = head(shop)
    book = CommandBook.to("order", uuid4(), CreateOrder(customer_id="mallory"))
    code = (
        f"{H2}\nimport sys\nfor _ in range(50):\n"
        "    connection = connected('127.0.0.1', sys.argv[1])\n"
        "    connection.sendall(unary(sys.argv[2], bytes.fromhex(sys.argv[3])))\n"
        "    connection.close()\nprint('done')"
    )
    data = book.SerializeToString().hex()

    assert stranger.run(code, shop.port, "/angzarr.CommandGateway/Execute", data) == "done"
    assert head(shop) == before


def head(shop: Application) -> HeadResponse:
    """Return the end of the log of orders."""
    with grpc.insecure_channel(f"127.0.0.1:{shop.port}") as channel:
        return EventFeedStub(channel).Head(HeadRequest(domain="order"), timeout=20)
