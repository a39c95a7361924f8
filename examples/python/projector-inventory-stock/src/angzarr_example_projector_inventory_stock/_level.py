"""How each event changes the level of a product; events carry absolute values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from examples.inventory_pb2 import (
    LowStockAlert,
    ReservationCommitted,
    ReservationReleased,
    StockInitialized,
    StockReceived,
    StockReserved,
)

COLUMNS = (
    "product_id",
    "on_hand",
    "reserved",
    "low_stock_threshold",
    "last_alert_at",
    "last_sequence",
    "updated_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The row of a product; times are RFC 3339."""

    product_id: str = ""
    on_hand: int = 0
    reserved: int = 0
    low_stock_threshold: int = 0
    last_alert_at: str | None = None
    last_sequence: int = 0
    updated_at: str = ""

    @property
    def available(self) -> int:
        """Return the units that no order holds."""
        return self.on_hand - self.reserved

    @property
    def low_stock(self) -> bool:
        """Say whether less is available than the threshold asks for."""
        return 0 < self.low_stock_threshold > self.available

    @staticmethod
    def of(row: Sequence[Any]) -> "Level":
        """Return the level of a row of select_stock."""
        return Level(**dict(zip(COLUMNS, row, strict=True)))

    def row(self) -> tuple[object, ...]:
        """Return the values of every column but the root, in the order of the table."""
        return (
            self.product_id,
            self.on_hand,
            self.reserved,
            self.available,
            self.low_stock_threshold,
            int(self.low_stock),
            self.last_alert_at,
            self.last_sequence,
            self.updated_at,
        )

    def after(self, event: Message) -> "Level":
        """Return the level after an event."""
        match event:
            case StockInitialized():
                return replace(
                    self,
                    product_id=event.product_id,
                    on_hand=event.quantity,
                    low_stock_threshold=event.low_stock_threshold,
                )
            case StockReceived():
                return replace(self, on_hand=event.new_on_hand)
            case StockReserved() | ReservationReleased() | ReservationCommitted():
                return replace(self, on_hand=event.new_on_hand, reserved=event.new_reserved)
            case LowStockAlert():
                return replace(self, last_alert_at=event.alerted_at.ToJsonString())
            case _:
                return self
