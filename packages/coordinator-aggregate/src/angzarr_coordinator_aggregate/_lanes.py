"""Lanes: one command at a time per root, in order of arrival, all roots at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from angzarr_service import RequestError
from angzarr_store import RootKey


class Lanes:
    """The queues of all roots in flight; a lane exists only while someone is in it."""

    def __init__(self, *, limit_commands: int) -> None:
        self._limit_commands = limit_commands
        self._locks: dict[RootKey, asyncio.Lock] = {}
        self._inside: dict[RootKey, int] = {}

    @asynccontextmanager
    async def enter(self, key: RootKey) -> AsyncIterator[None]:
        """Wait for the lane of `key` and hold it.

        Raises:
            RequestError: OVERLOADED, too many commands wait for this root.
        """
        inside = self._inside.get(key, 0)
        if inside >= self._limit_commands:
            text = "Too many requests in flight"
            raise RequestError("OVERLOADED", text, retry_after_ms="100")
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._inside[key] = inside + 1
        try:
            async with lock:
                yield
        finally:
            self._leave(key)

    def _leave(self, key: RootKey) -> None:
        self._inside[key] -= 1
        if not self._inside[key]:
            del self._inside[key], self._locks[key]
