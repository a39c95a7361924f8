"""Poison among many events: every event ends as exactly one of applied and discarded, in order."""

from collections import Counter
from typing import Any

from angzarr_delivery import FailedError

ROOTS, EVENTS = 200, 10
MENDED, HOPELESS = 7, 77


async def test_one_in_a_hundred_fails_and_nothing_is_lost(world: Any) -> None:
    """One poison root is mended and replayed, of the other one event is discarded."""
    broken, applied = {MENDED: {3}, HOPELESS: {5}}, Counter[tuple[int, int]]()
    order: dict[int, list[int]] = {}

    async def handle(event: Any, _: Any) -> None:
        root = event.key.root[0]
        if event.sequence in broken.get(root, ()):
            raise FailedError(b"", "BROKEN")
        applied[root, event.sequence] += 1
        order.setdefault(root, []).append(event.sequence)

    world.handler.act = handle
    world.start(attempts=2)
    for root in range(ROOTS):
        await world.record(root, count=EVENTS)
    await world.until_checkpoint(ROOTS * EVENTS)
    parked = {root: EVENTS - min(bad) for root, bad in broken.items()}
    assert len(applied) == ROOTS * EVENTS - sum(parked.values())

    broken[MENDED].clear()
    await world.replay(MENDED * EVENTS + 3 + 1)
    await world.discard(HOPELESS * EVENTS + 5 + 1)

    assert set(applied.values()) == {1}
    assert all(found == sorted(found) for found in order.values())
    lost = {(root, it) for root in range(ROOTS) for it in range(EVENTS)} - set(applied)
    assert lost == {(HOPELESS, 5)}
