"""A refused command in a whole system: taken back at its source, or on record."""

from uuid import UUID

import pytest
from google.protobuf.message import Message

from angzarr import FAILURE_DOMAIN, failure_root, reaction_command_id
from angzarr.types_pb2 import CommandBook, RevokeEventCommand, SagaCompensationFailed
from angzarr_client import CommandRejectedError, CommandRouter, SagaRouter, StateRouter
from angzarr_testing import RuntimeBuilder
from examples import inventory_root
from examples.inventory_pb2 import InventoryState, ReserveStock
from examples.order_pb2 import CreateOrder, LineItem, OrderCancelled, OrderCreated

pytestmark = pytest.mark.usefixtures("grpc_stays")

ORDER = UUID(int=1)
SAGA = "saga-order-inventory"


@pytest.fixture
def empty_shelves() -> CommandRouter:
    """Return stock, of which there is never enough."""
    router = CommandRouter("inventory", StateRouter(InventoryState))

    @router.on
    def reserve(_command: ReserveStock) -> Message:
        raise CommandRejectedError("Insufficient stock")

    return router


def creation() -> CommandBook:
    """Return the command for an order."""
    items = [LineItem(product_id="P-1", quantity=2)]
    return CommandBook.to("order", ORDER, CreateOrder(customer_id="C-1", items=items))


async def test_the_source_takes_it_back(
    order: CommandRouter, empty_shelves: CommandRouter, saga: SagaRouter
) -> None:
    """A settled system has nothing due: the order is cancelled for the reason of the stock."""

    @order.on_rejected(ReserveStock)
    def refused(rejection: RevokeEventCommand) -> OrderCancelled:
        return OrderCancelled(reason=rejection.rejection_reason)

    async with RuntimeBuilder().add(order, empty_shelves, saga).start() as world:
        await world.send(creation())
        await world.settled()

        events = await world.events("order", ORDER)
        assert [type(it) for it in events] == [OrderCreated, OrderCancelled]
        assert events[1] == OrderCancelled(reason="Insufficient stock")
        assert await world.events("inventory", inventory_root("P-1")) == []
        assert await world.letters() == []


async def test_what_nobody_takes_back_is_on_record(
    order: CommandRouter, empty_shelves: CommandRouter, saga: SagaRouter
) -> None:
    """A system with a saga has a place for it, which can be read like any other."""
    async with RuntimeBuilder().add(order, empty_shelves, saga).start() as world:
        await world.send(creation())
        await world.settled()

        rejected = reaction_command_id(SAGA, ("order", "angzarr", ORDER.bytes, 0), 0)
        (record,) = await world.events(FAILURE_DOMAIN, failure_root(rejected))
        assert isinstance(record, SagaCompensationFailed)
        assert record.rejected_command.command_id == rejected
        assert record.compensation_failure_reason == "order has no .on_rejected(ReserveStock)"
        assert await world.letters() == []
