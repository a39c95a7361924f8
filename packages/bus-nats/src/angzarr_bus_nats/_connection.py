"""A connection for ever: when one ends, the next is made."""

import asyncio
import logging
from collections.abc import Callable
from itertools import cycle

from angzarr_bus import BusRefusedError, Publishing
from angzarr_bus_nats._client import FAILURES, NatsClient
from angzarr_bus_nats._complaint import Complaint
from angzarr_bus_nats._place import Place
from angzarr_ports import System

RETRY_SECONDS = 1.0
LOST = "bus.lost"
FOUND = "bus.connected"

_LOG = logging.getLogger("angzarr.bus")


class Connection:
    """Holds the client that is connected now, and replaces it."""

    def __init__(self, place: Place, system: System, publishing: Publishing) -> None:
        self._place = place
        self._system = system
        self._publishing = publishing
        self._worker = system.threads.worker("nats-login")
        self._servers = cycle(place.servers)
        self._reached = asyncio.Event()
        self._client: NatsClient | None = None
        self._complaint = Complaint(LOST)
        self._losers: list[Callable[[], None]] = []
        self._running: asyncio.Task[None] | None = None
        publishing.connected(is_connected=False)

    @property
    def client(self) -> NatsClient | None:
        """Return the client that is connected now."""
        return self._client

    async def open(self) -> None:
        """Try every server once; when none can be reached, they are tried on and on.

        Raises:
            BusRefusedError: the one that was reached is not to be used, or refuses the login.
        """
        for _ in self._place.servers:
            if self._client is None:
                await self._connect()
        self._running = self._system.tasks.start("nats connection", self._run())

    def when_lost(self, lose: Callable[[], None]) -> None:
        """Call `lose` whenever a connection has ended: what it was asked has no answer."""
        self._losers.append(lose)

    async def reached(self) -> NatsClient:
        """Wait until there is a connection."""
        while self._client is None:
            await self._reached.wait()
        return self._client

    async def aclose(self) -> None:
        """Close the connection and make no other."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        if self._client is not None:
            await self._client.abandon()
        await self._worker.aclose()

    async def _run(self) -> None:
        while True:
            if self._client is not None:
                await self._client.watch()
                await self._drop(self._client)
            try:
                await self._connect()
            except BusRefusedError as error:
                self._complaint.raise_once(str(error))
            if self._client is None:
                jitter = self._system.randomness.uniform(0.5, 1.0)
                await self._system.clock.sleep(RETRY_SECONDS * jitter)

    async def _connect(self) -> None:
        client = NatsClient(next(self._servers))
        login = await self._worker.call(self._place.login)
        try:
            await client.begin(login)
        except FAILURES as error:
            self._complaint.raise_once(client.why or str(error))
            return
        _LOG.info(FOUND, extra={"server": client.server})
        self._complaint.withdraw()
        self._client = client
        self._reached.set()
        self._publishing.connected(is_connected=True)

    async def _drop(self, client: NatsClient) -> None:
        self._client = None
        self._reached.clear()
        self._publishing.connected(is_connected=False)
        self._complaint.raise_once(client.why or "the connection was closed")
        await client.abandon()
        for lose in self._losers:
            lose()
