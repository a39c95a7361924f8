"""When a system is at rest."""

import asyncio

import pytest

from angzarr_ports import real_system
from angzarr_store import EMPTY_CHAIN, Advance, StoreConfig
from angzarr_testing._settling import Settling, Subscription
from angzarr_testing._watch import WatchedStore


async def subscription(component: str, domain: str) -> Subscription:
    """Return a subscription with a ledger of its own, at the beginning of the domain."""
    system = real_system(lambda _, error: pytest.fail(str(error)))
    store = await WatchedStore.open(StoreConfig(url="", component=component), system)
    return Subscription(component=component, domain=domain, ledger=store.ledger)


async def finish_the_first_event(it: Subscription) -> None:
    """Move the checkpoint by one."""
    lease = await it.ledger.acquire(it.component, it.domain)
    await it.ledger.commit(lease, [Advance(old=0, new=1, chain=EMPTY_CHAIN)])


async def test_an_effect_behind_the_look_is_seen() -> None:
    """A head that was read before an effect moved it counts, although nobody seemed to lag."""
    projector, saga = await subscription("projector", "stock"), await subscription("saga", "order")
    heads = {"stock": 0, "order": 1}

    async def head_of(domain: str) -> int:
        if domain == "order" and not heads["stock"]:
            heads["stock"] = 1
            await finish_the_first_event(saga)
        return heads[domain]

    settling = Settling([projector, saga], head_of)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await settling.wait()
    report = settling.report([])
    await finish_the_first_event(projector)
    await settling.wait()

    assert report == "projector lags by 1 in stock, at 0 of 1"
