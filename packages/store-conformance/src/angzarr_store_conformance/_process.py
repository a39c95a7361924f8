"""Contract tests of what a process manager stores with its events."""

from dataclasses import fields

import pytest

from angzarr_store import (
    Apply,
    ConflictError,
    EventLog,
    FencedError,
    Lease,
    ProcessBatch,
    Reaction,
    SaveReaction,
    Store,
    Timer,
    TimerGoneError,
)
from angzarr_store_conformance._contract import Contract, Reopen, batch, root_key

OWED = Reaction(position=1, index=0, command_id="c-1", command=b"x")


class ProcessContract(Contract):
    """Events, owed commands, timers and progress: one append."""

    async def test_a_decision_is_stored_whole(self, reopen: Reopen) -> None:
        """Events, reactions, applied rows and timers are there together after a restart."""
        _, log, lease = await _opened(reopen)
        changes = (SaveReaction(reaction=OWED), Apply(position=1))
        await log.append(decision("d-1", lease=lease, changes=changes, armed=(timer("pay"),)))

        again = await reopen()
        found = await again.log("process")
        backlog = await again.ledger.backlog(lease)

        assert len(await found.read_root(root_key(1), limit_bytes=None)) == 1
        assert await found.timers(limit=9) == [timer("pay")]
        assert await again.ledger.reactions(lease, 1) == (OWED,)
        assert backlog.applied == frozenset({1})

    async def test_a_decision_without_events_is_remembered(self, reopen: Reopen) -> None:
        """What it owes is stored under its id although the log does not grow."""
        store, log, lease = await _opened(reopen)
        changes = (SaveReaction(reaction=OWED),)
        await log.append(decision("d-1", pages=0, lease=lease, changes=changes))

        repeat = await log.append(decision("d-1", pages=0, lease=lease))

        assert repeat.repeated
        assert await store.ledger.reactions(lease, 1) == (OWED,)
        assert (await log.head()).position == 0

    async def test_a_repeated_decision_changes_nothing(self, reopen: Reopen) -> None:
        """What the first one stored stays; what the second one brings is not looked at."""
        store, log, lease = await _opened(reopen)
        await log.append(decision("d-1", lease=lease, armed=(timer("pay"),)))
        changes = (SaveReaction(reaction=OWED),)
        second = decision("d-1", lease=lease, changes=changes, disarmed=("pay",))

        assert (await log.append(second)).repeated
        assert await log.timers(limit=9) == [timer("pay")]
        assert await store.ledger.reactions(lease, 1) == ()

    async def test_a_refused_decision_changes_nothing(self, reopen: Reopen) -> None:
        """A conflict stores neither commands nor timers."""
        store, log, lease = await _opened(reopen)
        changes = (SaveReaction(reaction=OWED),)
        wrong = decision("d-1", base=5, lease=lease, changes=changes, armed=(timer("pay"),))

        with pytest.raises(ConflictError):
            await log.append(wrong)

        assert await log.timers(limit=9) == []
        assert await store.ledger.reactions(lease, 1) == ()

    async def test_an_old_lease_stores_no_event(self, reopen: Reopen) -> None:
        """FencedError when the subscription has another owner; the log does not grow."""
        store, log, lease = await _opened(reopen)
        await store.ledger.acquire("process", "order")

        with pytest.raises(FencedError):
            await log.append(decision("d-1", lease=lease, armed=(timer("pay"),)))

        assert await log.timers(limit=9) == []
        assert (await log.head()).position == 0

    async def test_setting_a_timer_again_replaces_it(self, reopen: Reopen) -> None:
        """One timer per process and type; another root's is its own."""
        _, log, _ = await _opened(reopen)
        other = timer("pay", root=2)
        await log.append(decision("d-1", armed=(timer("pay"), timer("ship"))))
        await log.append(decision("d-2", root=2, armed=(other,)))
        later = timer("pay", seconds=30)
        await log.append(decision("d-3", base=1, armed=(later,), disarmed=("ship",)))

        assert await log.timers(limit=9) == [other, later]
        assert await log.timers(root=root_key(1).root, limit=9) == [later]

    async def test_timers_come_by_deadline_page_by_page(self, reopen: Reopen) -> None:
        """The next page begins behind the last timer of the one before."""
        _, log, _ = await _opened(reopen)
        armed = [timer(f"t{it}", seconds=it % 3) for it in range(6)]
        await log.append(decision("d-1", armed=tuple(armed)))

        first = await log.timers(limit=4)
        rest = await log.timers(after=first[-1].place, limit=4)

        assert first + rest == sorted(armed, key=lambda it: it.place)

    async def test_a_cancelled_timer_is_gone(self, reopen: Reopen) -> None:
        """True for one that was set, False for one that was not."""
        _, log, _ = await _opened(reopen)
        await log.append(decision("d-1", armed=(timer("pay"),)))

        assert await log.cancel_timer(root_key(1), "pay")
        assert not await log.cancel_timer(root_key(1), "pay")
        assert await log.timers(limit=9) == []

    async def test_a_timer_fires_once(self, reopen: Reopen) -> None:
        """The event is stored and the timer removed together; a repeat stores nothing."""
        _, log, _ = await _opened(reopen)
        await log.append(decision("d-1", armed=(timer("pay"),)))
        firing = decision("fire", base=1, fires=timer("pay"))
        await log.append(firing)

        again = await (await reopen()).log("process")

        assert await again.timers(limit=9) == []
        assert (await again.append(firing)).repeated
        assert (await again.head()).position == len(["d-1", "fire"])

    async def test_a_timer_that_is_not_as_it_was_does_not_fire(self, reopen: Reopen) -> None:
        """TimerGoneError for one that was cancelled or set anew; nothing is stored."""
        _, log, _ = await _opened(reopen)
        await log.append(decision("d-1", armed=(timer("pay", seconds=7),)))

        for gone in (timer("pay"), timer("ship")):
            with pytest.raises(TimerGoneError):
                await log.append(decision("fire", base=1, fires=gone))

        assert await log.timers(limit=9) == [timer("pay", seconds=7)]
        assert (await log.head()).position == 1

    async def test_a_timer_that_fired_before_goes(self, reopen: Reopen) -> None:
        """Armed anew for the same time, it has the id of its first firing, and only leaves."""
        _, log, _ = await _opened(reopen)
        await log.append(decision("d-1", armed=(timer("pay"),)))
        await log.append(decision("fire", base=1, fires=timer("pay")))
        await log.append(decision("d-2", base=2, armed=(timer("pay"),)))

        assert (await log.append(decision("fire", base=3, fires=timer("pay")))).repeated
        assert await log.timers(limit=9) == []
        assert (await log.head()).position == len(["d-1", "fire", "d-2"])

    async def test_a_late_firing_leaves_a_timer_that_was_set_anew(self, reopen: Reopen) -> None:
        """Who fires again what has fired removes that timer only, not the next of its type."""
        _, log, _ = await _opened(reopen)
        await log.append(decision("d-1", armed=(timer("pay"),)))
        await log.append(decision("fire", base=1, fires=timer("pay")))
        await log.append(decision("d-2", base=2, armed=(timer("pay", seconds=20),)))

        assert (await log.append(decision("fire", base=1, fires=timer("pay")))).repeated
        assert await log.timers(limit=9) == [timer("pay", seconds=20)]


def decision(
    command_id: str, *, root: int = 1, base: int = 0, pages: int = 1, **along: object
) -> ProcessBatch:
    """Return the batch of a process with what is stored along with it."""
    made = batch(command_id, root=root, base=base, pages=pages)
    plain = {it.name: getattr(made, it.name) for it in fields(made)}
    return ProcessBatch(**{**plain, **along})


def timer(timer_type: str, *, root: int = 1, seconds: int = 10) -> Timer:
    """Return a timer that is due so many seconds after the hour."""
    return Timer(
        key=root_key(root),
        timer_type=timer_type,
        correlation_id=f"flow-{root}",
        deadline=f"2026-01-01T00:00:{seconds:02}.000000000Z",
        set_at="2026-01-01T00:00:00Z",
    )


async def _opened(reopen: Reopen) -> tuple[Store, EventLog, Lease]:
    store = await reopen()
    return store, await store.log("process"), await store.ledger.acquire("process", "order")
