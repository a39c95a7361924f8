"""Shipped goods leave the stock."""

__all__: list[str] = []
