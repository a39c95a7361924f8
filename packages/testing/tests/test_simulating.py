"""A whole system in a seeded loop."""

import pytest
from google.protobuf.message import Message

from angzarr.types_pb2 import CommandBook
from angzarr_simulation import Chances
from angzarr_testing import RuntimeBuilder, World
from examples import inventory_root
from examples.inventory_pb2 import StockReserved
from examples.order_pb2 import CreateOrder, LineItem

ORDER = bytes(15) + b"\x01"
FAULTS = {"reset": 0.1, "drop": 0.3, "repeat": 0.2, "delay": 0.2, "shrink": 0.2}


def creation(number: int) -> CommandBook:
    """Return the command for an order of two pieces."""
    items = [LineItem(product_id="P-1", quantity=2)]
    root = number.to_bytes(16, "big")
    return CommandBook.to("order", root, CreateOrder(customer_id="C-1", items=items))


def simulated(shop: RuntimeBuilder, seed: int, faults: Chances) -> RuntimeBuilder:
    """Return a builder of the same shop that simulates."""
    return RuntimeBuilder(seed=seed, faults=faults).add(*shop._routers.values())  # noqa: SLF001 - the same shop


async def bought(world: World) -> tuple[list[int], str]:
    """Return what is reserved after each of three orders, and the first one with its time."""
    for number in range(1, 4):
        await world.send(creation(number), timeout_seconds=120)
    await world.settled(timeout_seconds=600)
    events = await world.events("inventory", inventory_root("P-1"))
    reserved = [it.new_reserved for it in events if isinstance(it, StockReserved)]
    return reserved, str(await world.book("order", ORDER))


def test_a_seed_decides_everything(shop: RuntimeBuilder) -> None:
    """The same seed gives the same bytes and times, another one gives other times."""
    first, again, other = (simulated(shop, seed, Chances()).simulate(bought) for seed in (1, 1, 2))

    assert first[0] == [2, 4, 6]
    assert again == first
    assert other[0] == first[0]
    assert other[1] != first[1]


@pytest.mark.parametrize("seed", range(5))
def test_calls_and_frames_may_fail(shop: RuntimeBuilder, seed: int) -> None:
    """Every effect is there once, or its event is parked."""
    faults = Chances(**FAULTS)

    async def scenario(world: World) -> tuple[list[Message], int]:
        for number in range(1, 4):
            await world.send(creation(number), timeout_seconds=120)
        faults.heal()
        await world.settled(timeout_seconds=600)
        reserved = await world.events("inventory", inventory_root("P-1"))
        return reserved, len(await world.letters())

    reserved, parked = simulated(shop, seed, faults).simulate(scenario)

    assert (
        reserved
        == [StockReserved(quantity=2, new_reserved=2 * it) for it in (1, 2, 3)][: len(reserved)]
    )
    assert len(reserved) + parked >= 3


def test_waiting_costs_no_time(shop: RuntimeBuilder) -> None:
    """Logic that hangs is given up three times, after half a minute that nobody waits for."""

    async def scenario(world: World) -> list[int]:
        await world.send(CommandBook.to("order", ORDER, CreateOrder(customer_id="stuck")))
        await world.settled(timeout_seconds=5000)
        return [it.attempts for it in await world.letters()]

    assert simulated(shop, 3, Chances()).simulate(scenario) == [3]
