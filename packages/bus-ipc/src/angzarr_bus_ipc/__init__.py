"""Bus over named pipes."""

__all__: list[str] = []
