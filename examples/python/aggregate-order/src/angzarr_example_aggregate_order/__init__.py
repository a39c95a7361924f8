"""Orders of the example shop."""

__all__: list[str] = []
