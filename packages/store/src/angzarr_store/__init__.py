"""Contract of the event store."""

__all__: list[str] = []
