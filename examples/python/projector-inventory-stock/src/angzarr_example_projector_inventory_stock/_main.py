"""The projector of stock levels."""

from angzarr_client import EventContext, ProjectorRouter, serve
from angzarr_example_projector_inventory_stock._view import StockView
from angzarr_settings import variable
from examples.inventory_pb2 import (
    LowStockAlert,
    ReservationCommitted,
    ReservationReleased,
    StockInitialized,
    StockReceived,
    StockReserved,
)
from examples.projections_pb2 import StockLevel

PORT = 50330
NAME = "projector-inventory-stock"
EVENTS = (
    StockInitialized,
    StockReceived,
    StockReserved,
    ReservationReleased,
    ReservationCommitted,
    LowStockAlert,
)

Event = (
    StockInitialized
    | StockReceived
    | StockReserved
    | ReservationReleased
    | ReservationCommitted
    | LowStockAlert
)


def router(view: StockView) -> ProjectorRouter:
    """Return the projector that keeps `view`."""

    async def project(event: Event, context: EventContext) -> StockLevel:
        return await view.project(event, context)

    projector = ProjectorRouter(NAME, "inventory")
    projector.on_rebuild(view.begin_rebuild)
    projector.on_switch(view.switch)
    for kind in EVENTS:
        projector.on(kind, project)
    return projector


def main() -> None:
    """Serve the projector."""
    view = StockView(variable("DATABASE_URL", "sqlite:///stock.db"), NAME)
    serve(router(view), port=PORT, lifespan=view)
