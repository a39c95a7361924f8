"""A shop of two aggregates, a saga and a projector."""

import asyncio

import grpc
import pytest
from google.protobuf.message import Message

from angzarr.types_pb2 import CommandBook
from angzarr_client import (
    CommandRejectedError,
    CommandRouter,
    ProjectorRouter,
    SagaRouter,
    StateRouter,
)
from angzarr_testing import RuntimeBuilder
from examples import inventory_root
from examples.inventory_pb2 import InventoryState, ReserveStock, StockReserved
from examples.order_pb2 import CreateOrder, OrderCancelled, OrderCreated, OrderState


@pytest.fixture
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def order() -> CommandRouter:
    """Return orders, which are created once; that of a fickle customer is only cancelled."""
    fold = StateRouter(OrderState)

    @fold.on
    def created(state: OrderState, event: OrderCreated) -> None:
        state.customer_id = event.customer_id

    router = CommandRouter("order", fold)

    @router.on
    def create(command: CreateOrder, state: OrderState) -> Message:
        if state.customer_id:
            raise CommandRejectedError("Order already exists")
        if command.customer_id == "fickle":
            return OrderCancelled()
        return OrderCreated(customer_id=command.customer_id, items=command.items)

    return router


@pytest.fixture
def inventory() -> CommandRouter:
    """Return stock, of which there is always enough."""
    fold = StateRouter(InventoryState)

    @fold.on
    def reserved(state: InventoryState, event: StockReserved) -> None:
        state.reserved = event.new_reserved

    router = CommandRouter("inventory", fold)

    @router.on
    def reserve(command: ReserveStock, state: InventoryState) -> StockReserved:
        return StockReserved(
            quantity=command.quantity, new_reserved=state.reserved + command.quantity
        )

    return router


@pytest.fixture
def saga() -> SagaRouter:
    """Return the saga that reserves stock; some customers make it hang or fail."""
    router = SagaRouter("saga-order-inventory", source="order").sends("inventory", ReserveStock)

    @router.on
    async def created(event: OrderCreated) -> list[CommandBook]:
        if event.customer_id == "stuck":
            await asyncio.Event().wait()
        if event.customer_id == "broken":
            raise KeyError("no such customer")
        return [
            CommandBook.to(
                "inventory", inventory_root(it.product_id), ReserveStock(quantity=it.quantity)
            )
            for it in event.items
        ]

    return router


@pytest.fixture
def projector() -> ProjectorRouter:
    """Return the projector that shows how much is reserved."""
    router = ProjectorRouter("projector-inventory", "inventory")

    @router.on
    def reserved(event: StockReserved) -> InventoryState:
        return InventoryState(reserved=event.new_reserved)

    return router


@pytest.fixture
def shop(
    order: CommandRouter, inventory: CommandRouter, saga: SagaRouter, projector: ProjectorRouter
) -> RuntimeBuilder:
    """Return the builder of the shop; nothing runs yet."""
    return RuntimeBuilder().add(order, inventory, saga, projector)
