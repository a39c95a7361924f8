"""Finds the one implementation that a configured name means."""

__all__: list[str] = []
