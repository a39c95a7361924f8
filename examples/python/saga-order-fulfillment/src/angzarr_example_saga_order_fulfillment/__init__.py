"""Completed orders are shipped."""

__all__: list[str] = []
