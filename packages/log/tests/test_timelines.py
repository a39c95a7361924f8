"""A named edition is read as main and then its own, in pieces and in parts."""

import pytest

from angzarr.types_pb2 import TemporalQuery
from angzarr_log import timeline_of
from angzarr_ports import System
from angzarr_store import Batch, EventLog, RootKey, Snapshot, StoreConfig
from angzarr_store_conformance import batch, root_key
from angzarr_store_memory import MemoryStore

KEY = root_key(1, "what-if")
PAGE_BYTES = 100


@pytest.fixture
async def log(system: System) -> EventLog:
    """Return a log whose root has main 0 to 4 and, from 3 on, three events of an edition."""
    store = await MemoryStore.open(StoreConfig(url="", component="order"), system)
    made = await store.log("order")
    for base in range(3):
        await made.append(sized(f"m{base}", root_key(1), base))
    for base in range(3, 6):
        await made.append(sized(f"e{base}", KEY, base))
    for base in range(3, 5):
        await made.append(sized(f"m{base}", root_key(1), base))
    return made


def sized(command_id: str, key: RootKey, base: int) -> Batch:
    """Return a batch of one page of a hundred bytes with its position."""
    made = batch(command_id, base=base)
    return Batch(
        command_id=command_id,
        key=key,
        type_url=made.type_url,
        base=base,
        correlation_id="",
        created_at=f"2026-01-01T00:00:0{base}+00:00",
        pages=(b"\x08%c\xfa\x01\x5e" % base + bytes(92),),
    )


@pytest.mark.parametrize(
    ("first", "last", "limit", "wanted"),
    [
        (0, 9, None, "mmmeee"),
        (1, 4, None, "mmee"),
        (0, 2, None, "mmm"),
        (0, 1, None, "mm"),
        (3, 9, None, "eee"),
        (4, 4, None, "e"),
        (0, 9, 250, "mm"),
        (0, 9, 300, "mmm"),
        (0, 9, 399, "mmm"),
        (0, 9, 400, "mmme"),
        (2, 9, 200, "me"),
        (0, 9, 1, "m"),
        (3, 9, 1, "e"),
        (6, 9, None, ""),
    ],
)
async def test_a_part_is_of_the_composite(
    log: EventLog, first: int, last: int, limit: int | None, wanted: str
) -> None:
    """Nothing twice and nothing left out where the timelines meet; a limit holds over both."""
    timeline = await timeline_of(log, KEY)

    events = await timeline.read(first=first, last=last, limit_bytes=limit)

    assert [it.sequence for it in events] == list(range(first, first + len(wanted)))
    assert "".join(it.command_id[0] for it in events) == wanted


async def test_a_snapshot_of_main_serves_below_the_divergence_only(log: EventLog) -> None:
    """N35: behind it an edition has its own."""
    timeline = await timeline_of(log, KEY)
    await log.save_snapshot(Snapshot(key=root_key(1), sequence=3, state=b"main"))
    behind = await timeline.snapshot(9)
    await log.drop_snapshot(root_key(1))
    await log.save_snapshot(Snapshot(key=root_key(1), sequence=2, state=b"main"))
    below, before = await timeline.snapshot(9), await timeline.snapshot(1)
    await log.save_snapshot(Snapshot(key=KEY, sequence=4, state=b"own"))
    own, earlier = await timeline.snapshot(9), await timeline.snapshot(3)
    main = await (await timeline_of(log, root_key(1))).snapshot(9)

    assert (behind, before) == (None, None)
    assert [it and it.state for it in (below, own, earlier, main)] == [
        b"main",
        b"own",
        b"main",
        b"main",
    ]


async def test_a_time_is_looked_for_on_both_sides(log: EventLog) -> None:
    """The longest prefix of the composite."""
    timeline, found = await timeline_of(log, KEY), []
    for second in (0, 2, 3, 5):
        point = TemporalQuery()
        point.as_of_time.FromJsonString(f"2026-01-01T00:00:0{second}Z")
        found.append(await timeline.last(point))

    assert found == [0, 2, 3, 2**32 - 1]
