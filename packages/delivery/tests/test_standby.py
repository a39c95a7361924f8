"""What a process does while another one has the leases."""

import asyncio
from typing import Any

import pytest

from angzarr_delivery import Subscriber, standby
from angzarr_reader import Source
from angzarr_store import Lease, StoreUnavailableError


class Held:
    """A ledger whose leases one process holds, until it lets go of them."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.free = asyncio.Event()
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """Pass on everything else."""
        return getattr(self.inner, name)

    async def acquire(self, subscriber: str, domain: str) -> Lease:
        """Wait until it is free."""
        self.asked.append(domain)
        await self.free.wait()
        lease: Lease = await self.inner.acquire(subscriber, domain)
        return lease


def subscriber(world: Any, ledger: Held) -> Subscriber:
    """Return a subscriber of two logs, the second of which is empty."""
    sources = [Source(domain=it, feed=world.feed, bus=None) for it in ("order", "cart")]
    return Subscriber("saga", sources, ledger, world.policy(), world.system)  # type: ignore[arg-type]  # it passes on the rest


async def test_who_stands_by_is_ready_and_takes_over(world: Any) -> None:
    """It tells that every log is as good as read, and works as soon as the leases are free."""
    ledger, stop = Held(world.ledger), asyncio.Event()
    await world.record(1)
    work = subscriber(world, ledger).run(world.handler, stop, drain_seconds=5)
    world.system.tasks.start("s", work)
    await world.until(world.stood_by.is_set)
    ready = list(world.faults)
    seen = len(world.handler.seen)

    ledger.free.set()
    await world.until(lambda: len(world.handler.seen) == 2)
    stop.set()

    assert (ready, seen) == ([("log of order", ""), ("log of cart", "")], 0)


async def test_who_has_the_first_lease_has_them_all(world: Any) -> None:
    """The second is not asked for while somebody else has the first."""
    ledger, stop = Held(world.ledger), asyncio.Event()
    work = subscriber(world, ledger).run(world.handler, stop, drain_seconds=5)
    world.system.tasks.start("s", work)
    await world.until(world.stood_by.is_set)

    assert ledger.asked == ["order"]
    ledger.free.set()
    await world.until(lambda: ledger.asked == ["order", "cart"])
    stop.set()


async def test_who_stands_by_ends_at_once(world: Any) -> None:
    """Nothing is in work, so there is nothing to wait for."""
    ledger, stop = Held(world.ledger), asyncio.Event()
    running = asyncio.ensure_future(
        subscriber(world, ledger).run(world.handler, stop, drain_seconds=60)
    )
    await world.until(world.stood_by.is_set)
    stop.set()

    async with asyncio.timeout(10):
        await running

    assert (ledger.asked, world.heard) == (["order"], [])


async def test_a_lease_that_is_free_is_taken_without_a_word() -> None:
    """Whoever works is not said to stand by."""
    heard: list[str] = []

    async def ready() -> None:
        heard.append("ready")

    async def taking() -> str:
        return "lease"

    assert (await standby(taking(), asyncio.Event(), ready), heard) == ("lease", [])


async def test_a_store_that_cannot_give_a_lease_says_so() -> None:
    """The error is that of the store."""

    async def ready() -> None:
        pytest.fail("nobody holds it")

    async def taking() -> str:
        raise StoreUnavailableError("away")

    with pytest.raises(StoreUnavailableError, match="away"):
        await standby(taking(), asyncio.Event(), ready)
