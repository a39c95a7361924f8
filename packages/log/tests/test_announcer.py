"""Who hears of an append (reliability.md §2.5)."""

import asyncio

from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_log import Announcer
from angzarr_ports import System
from angzarr_store import StoreConfig
from angzarr_store_conformance import batch
from angzarr_store_memory import MemoryStore


async def test_what_another_process_appends_is_heard(system: System) -> None:
    """Its announcer is not ours, but the log is: who follows here is woken."""
    store = await MemoryStore.open(StoreConfig(url="", component="order"), system)
    log = await store.log("order")
    announcer = Announcer(log, await ChannelBus.open(BusConfig(url=""), system), system)
    await announcer.announce_head()
    system.tasks.start("others", announcer.watch_others())
    following = asyncio.ensure_future(announcer.beyond(0, 60))

    before = following.done()
    await log.append(batch("c1"))

    async with asyncio.timeout(10):
        await following
    assert not before
