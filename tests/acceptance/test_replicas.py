"""Two of each coordinator on Postgres and NATS: any of them may die."""

import asyncio
import signal
from typing import Any

import pytest

from .backing import REPLICAS
from .test_resilience import Load

AT_WORK = (
    *("order", "inventory", "saga-order-inventory"),
    *("order-fulfillment", "projector-inventory-stock"),
)

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(autouse=True)
def need_replicas(request: pytest.FixtureRequest) -> None:
    """Skip without --distributed, which is what `nox -s distributed` runs."""
    if not request.config.getoption("--distributed"):
        pytest.skip("needs replicas: nox -s distributed")


def test_every_replica_may_die(module_shop: Any) -> None:
    """Kill -9 of one after another while orders come in: every effect is there, once.

    Whoever holds a lease dies as well as whoever stands by.
    """
    shop, load = module_shop, Load(module_shop)
    numbers = range(1, REPLICAS + 1)
    replicas = [f"coordinator-{name}.{number}" for name in AT_WORK for number in numbers]
    shop.run(load.stock)

    async def under_fire(gateway: Any) -> None:
        dying = asyncio.to_thread(lambda: [shop.kill(name) for name in replicas])
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(dying)
            while not killing.done():
                await load.orders(gateway, 20, 4)

    shop.run(under_fire)

    load.check()


def test_who_stands_by_takes_over_within_a_lease(module_shop: Any) -> None:
    """Who is frozen says nothing and holds its leases; 15 s later somebody else has them."""
    shop, load = module_shop, Load(module_shop)
    shop.run(load.stock)
    frozen = [f"coordinator-{name}.1" for name in ("saga-order-inventory", "order", "inventory")]
    for name in frozen:
        shop.signal(name, signal.SIGSTOP)
    try:
        shop.run(lambda it: load.orders(it, 20, 4))
        load.check()
    finally:
        for name in frozen:
            shop.signal(name, signal.SIGCONT)
