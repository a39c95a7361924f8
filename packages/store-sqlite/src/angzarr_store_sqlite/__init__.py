"""Event store on SQLite."""

__all__: list[str] = []
