"""Contract tests of the auditor's view, and of what a store counts."""

from collections.abc import Awaitable, Callable

import pytest

from angzarr_ports import System
from angzarr_store import Advance, Audit, Checkpoint, ConflictError, FencedError, Verifier
from angzarr_store_conformance._contract import Contract, Reopen, batch, rejection

Audited = Callable[[], Awaitable[Audit]]

CHAIN = b"c" * 32


class AuditContract(Contract):
    """What an auditor sees beside the owner. A subclass gives the fixture `audited`."""

    async def test_a_log_verifies(self, reopen: Reopen, audited: Audited) -> None:
        """Every event of every domain, read piece by piece, links up to the head."""
        log = await (await reopen()).log("order")
        for root in range(3):
            await log.append(batch(f"c{root}", root=root, pages=2))

        audit = await audited()
        verifier = Verifier(domain="order")
        first = await audit.read_events("order", after=0, limit=4)
        rest = await audit.read_events("order", after=4, limit=4)

        assert list(await audit.read_domains()) == ["order"]
        assert [verifier.fault(event) for event in (*first, *rest)] == [""] * 6
        assert verifier.end_fault(await audit.read_head("order")) == ""
        await audit.aclose()

    async def test_commands_are_read_by_id(self, reopen: Reopen, audited: Audited) -> None:
        """Accepted and rejected ones, a piece at a time."""
        log = await (await reopen()).log("order")
        appended = await log.append(batch("b", pages=2))
        await log.append(rejection("a", base=2))

        audit = await audited()
        first = await audit.read_commands("order", after="", limit=1)
        rest = await audit.read_commands("order", after="a", limit=9)

        assert [row.command_id for row in first] == ["a"]
        assert list(rest) == [appended.row]
        await audit.aclose()

    async def test_checkpoints_are_seen(self, reopen: Reopen, audited: Audited) -> None:
        """Those of every subscription, as committed."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        await ledger.commit(lease, [Advance(old=0, new=4, chain=CHAIN)])

        audit = await audited()
        found = await audit.read_checkpoints()

        assert list(found) == [
            Checkpoint(subscriber="saga", domain="order", position=4, chain=CHAIN)
        ]
        await audit.aclose()

    async def test_what_becomes_of_appends_is_counted(self, reopen: Reopen, system: System) -> None:
        """Conflicts, repeats, rejections, and appends of an owner that was replaced."""
        store = await reopen()
        old = await store.log("order")
        await old.append(batch("a"))
        await old.append(batch("a"))
        await old.append(rejection("r", base=1))
        with pytest.raises(ConflictError):
            await old.append(batch("b"))
        await store.log("order")
        with pytest.raises(FencedError):
            await old.append(batch("c", base=1))

        counted = {it.metric.name: it.series for it in system.metrics.collect()}

        for what in ("conflicts", "repeats", "rejected", "fenced"):
            assert counted[f"angzarr_append_{what}_total"] == {("order",): 1}
