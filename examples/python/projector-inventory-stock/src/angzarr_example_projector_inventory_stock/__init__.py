"""Stock levels as a table."""

__all__: list[str] = []
