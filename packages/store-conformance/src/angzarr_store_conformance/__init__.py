"""Contract tests that every event store passes."""

__all__: list[str] = []
