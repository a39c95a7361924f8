"""The processes of one domain: what each has recorded, and the only way to record more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from angzarr import process_root
from angzarr.types_pb2 import EventBook
from angzarr_log import Announcer, Histories, timeline_of
from angzarr_ports import Backoff, System
from angzarr_store import (
    FIRST_TIMER,
    Appended,
    EventLog,
    ProcessBatch,
    RootKey,
    StoreUnavailableError,
    Timer,
)


class Processes:
    """One process at a time decides, records and fires; all processes at once."""

    def __init__(
        self,
        log: EventLog,
        histories: Histories,
        announcer: Announcer,
        system: System,
    ) -> None:
        self._log = log
        self._histories = histories
        self._announcer = announcer
        self._system = system
        self._locks: dict[RootKey, asyncio.Lock] = {}
        self._inside: dict[RootKey, int] = {}
        self._armed = asyncio.Event()

    @property
    def domain(self) -> str:
        """Return the domain that the processes own."""
        return self._log.domain

    @staticmethod
    def key_of(edition: str, correlation_id: str) -> RootKey:
        """Return the process that follows a correlation id."""
        return RootKey(edition=edition, root=process_root(correlation_id).bytes)

    @asynccontextmanager
    async def hold(self, key: RootKey) -> AsyncIterator[None]:
        """Keep everybody else from changing a process."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._inside[key] = self._inside.get(key, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._inside[key] -= 1
            if not self._inside[key]:
                del self._inside[key], self._locks[key]

    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        """Return what was stored under an id, and the next sequence of the process.

        Raises:
            EditionDeletedError: its edition is gone.
            StoreUnavailableError: nothing was read.
        """
        found, following = await self._log.recall(command_id, key)
        timeline = await timeline_of(self._log, key)
        return found, following if timeline.following is None else timeline.following

    async def state(self, key: RootKey, correlation_id: str) -> EventBook:
        """Return the stream of a process, as logic gets it.

        Raises:
            DamagedError: a stored page cannot be trusted.
            StoreUnavailableError: it cannot be read now.
        """
        book = await self._histories.state(key)
        book.cover.correlation_id = correlation_id
        return book

    async def append(self, batch: ProcessBatch) -> Appended:
        """Store a batch as soon as the store can, then announce it.

        Raises:
            TimerGoneError: the timer that fires is not as it was.
            StoreError: another one that waiting does not cure.
        """
        appended = await self._stored(batch)
        if appended.pages and not appended.repeated:
            self._announcer.announce(batch, appended)
        if batch.armed:
            self._armed.set()
        return appended

    async def due(self) -> Sequence[Timer]:
        """Return the next timers by deadline.

        Raises:
            StoreUnavailableError: nothing was read.
        """
        self._armed.clear()
        return await self._log.timers(after=FIRST_TIMER, limit=64)

    async def until_armed(self, seconds: float | None) -> None:
        """Return when a timer was set, at the latest after `seconds`; None means no limit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._armed.wait()

    async def _stored(self, batch: ProcessBatch) -> Appended:
        backoff, attempt = Backoff(longest_seconds=5.0), 0
        while True:
            try:
                return await self._log.append(batch)
            except StoreUnavailableError:
                attempt += 1
                pause = backoff.seconds(attempt, self._system.randomness)
                await self._system.clock.sleep(pause)
