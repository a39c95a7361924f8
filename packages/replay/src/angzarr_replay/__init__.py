"""State of a root from its stored events."""

__all__: list[str] = []
