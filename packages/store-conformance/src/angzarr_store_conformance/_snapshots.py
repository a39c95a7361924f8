"""Contract tests of snapshots."""

from angzarr_store import EventLog, Snapshot
from angzarr_store_conformance._contract import Contract, Reopen, batch, root_key


class SnapshotContract(Contract):
    """What is kept of what the events of a root add up to."""

    async def test_a_snapshot_is_kept_over_a_restart(self, reopen: Reopen) -> None:
        """It is durable when save_snapshot returns, and belongs to its root only."""
        log = await (await reopen()).log("order")
        await log.append(batch("a", pages=3))
        await log.save_snapshot(_snapshot(1))

        log = await (await reopen()).log("order")

        assert await log.snapshot(root_key(1)) == _snapshot(1)
        assert await log.snapshot(root_key(2)) is None

    async def test_a_snapshot_only_grows(self, reopen: Reopen) -> None:
        """An older one that comes late replaces nothing; a later one takes the place."""
        log = await _filled(reopen)
        await log.save_snapshot(_snapshot(2))

        await log.save_snapshot(_snapshot(1))
        older = await log.snapshot(root_key(1))
        await log.save_snapshot(_snapshot(2, b"other"))
        equal = await log.snapshot(root_key(1))
        await log.save_snapshot(_snapshot(3))

        assert (older, equal) == (_snapshot(2), _snapshot(2))
        assert await log.snapshot(root_key(1)) == _snapshot(3)

    async def test_a_snapshot_of_no_event_is_not_kept(self, reopen: Reopen) -> None:
        """It would be ahead of its root."""
        log = await _filled(reopen)

        await log.save_snapshot(_snapshot(4))
        await log.save_snapshot(_snapshot(0, root=2))

        assert await log.snapshot(root_key(1)) is None
        assert await log.snapshot(root_key(2)) is None

    async def test_a_snapshot_can_be_dropped(self, reopen: Reopen) -> None:
        """Then an older one may come again."""
        log = await _filled(reopen)
        await log.save_snapshot(_snapshot(3))

        await log.drop_snapshot(root_key(1))
        dropped = await log.snapshot(root_key(1))
        await log.save_snapshot(_snapshot(1))

        assert dropped is None
        assert await log.snapshot(root_key(1)) == _snapshot(1)


async def _filled(reopen: Reopen) -> EventLog:
    log = await (await reopen()).log("order")
    await log.append(batch("a", pages=4))
    return log


def _snapshot(sequence: int, state: bytes = b"", *, root: int = 1) -> Snapshot:
    said = state or b"state %d" % sequence
    return Snapshot(key=root_key(root), sequence=sequence, state=said)
