"""Which versions of the read model there are, durably (ADR 15)."""

import asyncio
from datetime import datetime

from angzarr.rebuild_pb2 import ProjectorVersions, RebuildState
from angzarr_ports import Faults
from angzarr_service import RequestError
from angzarr_store import (
    FencedError,
    Lease,
    Ledger,
    RootKey,
    SaveProjection,
    UnknownOutcomeError,
)

DOMAIN = "_versions"
KEY = RootKey(edition="", root=bytes(16))
SEPARATOR = "~"

NONE = RebuildState.REBUILD_STATE_UNSPECIFIED
REBUILDING = RebuildState.REBUILD_STATE_REBUILDING
CATCHING_UP = RebuildState.REBUILD_STATE_CATCHING_UP
SWITCHING = RebuildState.REBUILD_STATE_SWITCHING


class Versions:
    """The record of one projector: a row under a lease of its own, so that one process writes it.

    Version 0 is the subscription of the component's name; no number is used twice. Whoever holds
    `turn` alone may begin a rebuild. `failure` is why nothing can be recorded any more.
    """

    def __init__(self, component: str, ledger: Ledger, faults: Faults) -> None:
        self.component = component
        self.turn = asyncio.Lock()
        self.failure: BaseException | None = None
        self._ledger = ledger
        self._faults = faults
        self._lease: Lease | None = None
        self._sequence = 0
        self._current = ProjectorVersions()
        self._changed = asyncio.Event()

    async def open(self) -> None:
        """Read what there is.

        Raises:
            StoreUnavailableError: it cannot be read now.
        """
        lease = await self._ledger.acquire(f"{self.component}{SEPARATOR}versions", DOMAIN)
        found = await self._ledger.projection(lease, KEY)
        if found is not None:
            self._sequence, self._current = found[0], ProjectorVersions.FromString(found[1])
        self._lease = lease

    @property
    def current(self) -> ProjectorVersions:
        """Return what is recorded.

        Raises:
            RequestError: NOT_READY, it was not read yet.
        """
        if self._lease is None:
            raise RequestError("NOT_READY", "Not ready: the inputs are not known yet")
        return self._current

    @property
    def live(self) -> str:
        """Return the subscription whose read model is in use."""
        return self.subscriber(self.current.live)

    @property
    def beside(self) -> str:
        """Return the subscription that is built beside it, "" without one."""
        return self.subscriber(self.current.beside) if self.current.beside else ""

    def subscriber(self, version: int) -> str:
        """Return the name of the subscription of a version."""
        return f"{self.component}{SEPARATOR}{version}" if version else self.component

    @property
    def changed(self) -> asyncio.Event:
        """Return what is set when the record has changed, or cannot be changed any more."""
        return self._changed

    async def begin(self, from_position: int, now: datetime, *, speculative: bool) -> None:
        """Record that a version is built beside the live one; the caller has the turn."""
        made = self._copy()
        made.last += 1
        made.beside, made.state = made.last, REBUILDING
        made.from_position, made.speculative = from_position, speculative
        made.started_at.FromDatetime(now)
        await self._save(made)

    async def move(self, old: RebuildState.ValueType, new: RebuildState.ValueType) -> bool:
        """Go from one state to another; say whether it was the one."""
        async with self.turn:
            made = self._copy()
            if made.state != old:
                return False
            made.state = new
            await self._save(made)
            return True

    async def cancel(self) -> bool:
        """Give up the version that is built; say whether it was not too late."""
        async with self.turn:
            made = self._copy()
            if made.state not in {REBUILDING, CATCHING_UP}:
                return False
            made.retired.append(made.beside)
            await self._save(self._settled(made))
            return True

    async def switched(self) -> None:
        """Record that the version beside is the live one now."""
        async with self.turn:
            made = self._copy()
            made.retired.append(made.live)
            made.live = made.beside
            await self._save(self._settled(made))

    async def forgotten(self, version: int) -> None:
        """Record that nothing is left of a retired version."""
        async with self.turn:
            made = self._copy()
            made.retired.remove(version)
            await self._save(made)

    def _copy(self) -> ProjectorVersions:
        copy = ProjectorVersions()
        copy.CopyFrom(self.current)
        return copy

    @staticmethod
    def _settled(made: ProjectorVersions) -> ProjectorVersions:
        for name in ("beside", "state", "from_position", "started_at", "speculative"):
            made.ClearField(name)
        return made

    async def _save(self, made: ProjectorVersions) -> None:
        assert self._lease is not None  # noqa: S101 - who saves has asked for what is recorded
        encoded, sequence = made.SerializeToString(), self._sequence + 1
        change = SaveProjection(key=KEY, sequence=sequence, projection=encoded)
        try:
            await self._ledger.commit(self._lease, [change])
        except (FencedError, UnknownOutcomeError) as error:
            self.failure = error
            self._changed.set()
            raise
        self._faults.at("Q16")
        self._sequence, self._current = sequence, made
        self._changed.set()
        self._changed = asyncio.Event()
