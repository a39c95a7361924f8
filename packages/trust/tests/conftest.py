"""Processes with certificates, on an address of this machine that is not loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from angzarr import rpc
from angzarr.types_pb2 import EventBook, Query
from angzarr_ports import Access, System, SystemClock, Trust
from angzarr_service import Call, CallLimits, Channels, Server, ServerConfig
from angzarr_settings import LimitSettings, TlsSettings
from angzarr_trust import open_trust

from .authority import Authority, Issued, write

NOWHERE = ("192.0.2.1", 9)


class Looks(SystemClock):
    """A clock whose sleeper wakes when a test wants it to look; `ahead` of the machine's."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._asleep = asyncio.Condition()
        self._sleepers = 0
        self._woken = asyncio.Event()

    @override
    def now(self) -> datetime:
        return super().now() + self.ahead

    @override
    async def sleep(self, seconds: float) -> None:
        async with self._asleep:
            self._sleepers += 1
            self._asleep.notify_all()
        await self._woken.wait()
        self._woken.clear()

    async def look(self) -> None:
        """Return when the sleeper has looked once more and sleeps again."""
        async with asyncio.timeout(10), self._asleep:
            await self._asleep.wait_for(lambda: self._sleepers)
            before = self._sleepers
            self._woken.set()
            await self._asleep.wait_for(lambda: self._sleepers > before)


class Anyone(Access):
    """Rules by which everybody may call everything."""

    @override
    def lacking(self, identity: str, path: str, request: Any) -> str:
        return ""


class Queries:
    """angzarr.EventQuery; `act` answers GetEventBook."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.act: Callable[[], Awaitable[object]] = self._nothing

    async def GetEventBook(self, _: Query, call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Do what the test says."""
        self.calls.append(call)
        await self.act()
        return EventBook()

    async def _nothing(self) -> None:
        return


class World:
    """Who is known to whom, and a server."""

    def __init__(self, place: Path, authority: Authority, host: str, system: System) -> None:
        self.place = place
        self.authority = authority
        self.host = host
        self.system = system
        self.clock = Looks()
        self.access: Access | None = Anyone()
        self.queries = Queries()

    def names(self, component: str, namespace: str = "shop") -> tuple[str, str]:
        """Return what the certificate of a component is for, on this machine."""
        return f"spiffe://angzarr/{namespace}/{component}", self.host

    async def settings(
        self, component: str, issued: Issued | None = None, authority: Authority | None = None
    ) -> TlsSettings:
        """Return settings whose files hold a certificate, by default a good one."""
        directory = self.place / component
        given = issued or self.authority.issue(*self.names(component))
        believed = (authority or self.authority).pem
        await asyncio.to_thread(write, directory, given, believed)
        return TlsSettings(
            certificate=f"{directory}/tls.crt",
            key=f"{directory}/tls.key",
            authority=f"{directory}/ca.crt",
        )

    async def trust(self, component: str) -> Trust:
        """Return a component with a good certificate, looked at as the test says."""
        looked = replace(self.system, clock=self.clock)
        return await open_trust(await self.settings(component), looked)

    @asynccontextmanager
    async def served(
        self, trust: Trust | None, address: str = "", **limits: Any
    ) -> AsyncIterator[str]:
        """Serve the queries, and yield where."""
        bounds = CallLimits(
            message_bytes=1000, longest_seconds=9, usual_seconds=9, load=LimitSettings(**limits)
        )
        config = ServerConfig(address=address or f"{self.host}:0", limits=bounds, same_user=True)
        server = Server(config, replace(self.system, trust=trust, access=self.access))
        server.add("angzarr.EventQuery", self.queries)
        async with server.serving(drain_seconds=5) as bound:
            await server.ready(serving=True)
            yield bound


async def ask(address: str, trust: Trust | None) -> EventBook:
    """Ask once, over a connection of its own."""
    channels = Channels(trust=trust)
    try:
        return await asked(channels, address)
    finally:
        await channels.aclose()


async def asked(channels: Channels, address: str) -> EventBook:
    """Ask over channels that are there."""
    ways = rpc.EventQuery.GetEventBook
    return await channels.call(address, ways, Query(), timeout_seconds=9)


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return the authority that everybody believes."""
    return Authority()


@pytest.fixture(scope="session")
def host() -> str:
    """Return an address of this machine that is no loopback to us."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        try:
            found.connect(NOWHERE)
        except OSError:
            return "127.0.0.2"
        return str(found.getsockname()[0])


@pytest.fixture
def world(run_directory: Path, authority: Authority, host: str, system: System) -> Iterator[World]:
    """Return an authority, a place for files and a service of the test."""
    yield World(run_directory, authority, host, system)
