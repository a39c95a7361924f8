"""A simulated store whose recorder hears of everything at the instant at which it is durable."""

from collections.abc import Sequence
from typing import Protocol

from typing_extensions import override

from angzarr_simulation import Disk, SimulatedStore, Watcher
from angzarr_simulation._store import SimulatedLedger, SimulatedLog
from angzarr_store import (
    Appended,
    Batch,
    EventLog,
    Ledger,
    ProcessBatch,
    RootKey,
    Snapshot,
    Store,
)


class Witness(Watcher, Protocol):
    """Hears of what a process manager, an operator or a snapshot leaves behind."""

    def stepped(self, domain: str, batch: ProcessBatch) -> None:
        """Take a first append of a process manager."""

    def cancelled(self, domain: str, key: RootKey, timer_type: str) -> None:
        """Take that a timer is gone."""

    def deleted(self, domain: str, edition: str) -> None:
        """Take that an edition is gone, and its timers with it."""

    def kept(self, domain: str, snapshot: Snapshot) -> None:
        """Take a snapshot."""

    def decided(self, ids: Sequence[str], *, is_discard: bool) -> None:
        """Take what is to become of letters."""


class WitnessedStore(SimulatedStore):
    """A store with a witness."""

    def __init__(self, inner: Store, disk: Disk, witness: Witness, *, limit_pages: int) -> None:
        super().__init__(inner, disk, witness, limit_pages=limit_pages)
        self._witness = witness
        self._ledger = _Ledger(inner.ledger, disk, witness)

    @override
    async def log(self, domain: str) -> EventLog:
        await self._disk.pause()
        inner = await self._inner.log(domain)
        self._witness.opened(inner)
        return _Log(inner, self._disk, self._witness, limit_pages=self._limit_pages)

    @property
    @override
    def ledger(self) -> Ledger:
        return self._ledger


class _Log(SimulatedLog):
    def __init__(self, inner: EventLog, disk: Disk, witness: Witness, *, limit_pages: int) -> None:
        super().__init__(inner, disk, witness, limit_pages=limit_pages)
        self._witness = witness

    @override
    async def append(self, batch: Batch) -> Appended:
        if not isinstance(batch, ProcessBatch):
            return await super().append(batch)

        async def store() -> Appended:
            appended = await self._inner.append(batch)
            if not appended.repeated:
                self._witness.stepped(self.domain, batch)
            return appended

        stored: Appended = await self._disk.write(store)
        return stored

    @override
    async def save_snapshot(self, snapshot: Snapshot) -> None:
        async def store() -> None:
            await self._inner.save_snapshot(snapshot)
            self._witness.kept(self.domain, snapshot)

        await self._disk.write(store)

    @override
    async def delete_edition(self, name: str) -> bool:
        async def store() -> bool:
            was_there = await self._inner.delete_edition(name)
            if was_there:
                self._witness.deleted(self.domain, name)
            return was_there

        return bool(await self._disk.write(store))

    @override
    async def cancel_timer(self, key: RootKey, timer_type: str) -> bool:
        async def store() -> bool:
            was_set = await self._inner.cancel_timer(key, timer_type)
            self._witness.cancelled(self.domain, key, timer_type)
            return was_set

        return bool(await self._disk.write(store))


class _Ledger(SimulatedLedger):
    def __init__(self, inner: Ledger, disk: Disk, witness: Witness) -> None:
        super().__init__(inner, disk, witness)
        self._witness = witness

    @override
    async def request_replay(self, ids: Sequence[str]) -> None:
        async def store() -> None:
            await self._inner.request_replay(ids)
            self._witness.decided(ids, is_discard=False)

        await self._disk.write(store)

    @override
    async def discard_letter(self, id_: str, note: str) -> bool:
        async def store() -> bool:
            was_parked = await self._inner.discard_letter(id_, note)
            if was_parked:
                self._witness.decided([id_], is_discard=True)
            return was_parked

        return bool(await self._disk.write(store))
