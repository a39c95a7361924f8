"""Which callers on loopback are this user or root (security.md §2, C1)."""

import asyncio
import os
from typing import NamedTuple
from urllib.parse import unquote

from angzarr_defence._errors import ForeignPeerError
from angzarr_defence._kernel import owner_of
from angzarr_ports import Clock, Worker

KEPT = 4096
VALID_SECONDS = 0.5


class _Known(NamedTuple):
    identity: str
    until: float


class Peers:
    """Knows the callers of the TCP port `port`.

    Nobody says when a connection ends, and its port may then be another user's. The kernel keeps
    the port of a caller that closed for a second, so an answer is good for half of one.
    """

    def __init__(self, port: int, clock: Clock, worker: Worker) -> None:
        self._port = port
        self._clock = clock
        self._worker = worker
        self._welcome = {0, os.geteuid()}
        self._known: dict[str, _Known] = {}
        self._asking = asyncio.Lock()

    async def identity(self, peer: str) -> str:
        """Return who the caller at `peer` is: ipv4:HOST:PORT or ipv6:[HOST]:PORT.

        Raises:
            ForeignPeerError: another user, or nobody any more.
        """
        found = self._fresh(peer)
        if found is None:
            async with self._asking:
                found = self._fresh(peer) or await self._ask(peer)
        return found

    def _fresh(self, peer: str) -> str | None:
        known = self._known.get(peer)
        return known.identity if known and self._clock.monotonic() < known.until else None

    async def _ask(self, peer: str) -> str:
        host, _, port = unquote(peer).partition(":")[2].rpartition(":")
        if not port.isdecimal():  # gRPC cannot tell where a connection came from that is gone
            raise ForeignPeerError
        asked = self._clock.monotonic()
        uid = await self._worker.call(lambda: owner_of(host.strip("[]"), int(port), self._port))
        if uid not in self._welcome:
            raise ForeignPeerError
        if len(self._known) >= KEPT:
            self._known = {it: known for it, known in self._known.items() if known.until > asked}
        self._known[peer] = _Known(f"uid {uid} at {peer}", asked + VALID_SECONDS)
        return self._known[peer].identity
