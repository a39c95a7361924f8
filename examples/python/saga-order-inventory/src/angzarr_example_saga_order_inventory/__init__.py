"""Orders reserve and release stock."""

__all__: list[str] = []
