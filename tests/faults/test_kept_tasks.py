"""S14 in one process: a call that is over is forgotten."""

import asyncio
import gc
import uuid

import pytest

from angzarr.types_pb2 import CommandBook
from angzarr_example_aggregate_order import NoFraudCheck, router
from angzarr_testing import RuntimeBuilder, World
from examples.order_pb2 import CreateOrder, LineItem

CALLS = 200

pytestmark = pytest.mark.timeout(60)


async def test_a_call_leaves_no_task() -> None:
    """After as many calls again there are as many tasks that have ended as before: a few."""
    async with RuntimeBuilder().add(router(NoFraudCheck())).start() as world:
        await called(world)
        before = ended()
        await called(world)
        after = ended()

    assert after < before + CALLS


async def called(world: World) -> None:
    """Send commands that are all accepted."""
    items = [LineItem(product_id="P-1", quantity=2)]
    for _ in range(CALLS):
        command = CreateOrder(customer_id="C", items=items)
        await world.send(CommandBook.to("order", uuid.uuid4(), command))


def ended() -> int:
    """Return how many tasks are kept though they have ended."""
    gc.collect()
    return sum(isinstance(it, asyncio.Task) and it.done() for it in gc.get_objects())
