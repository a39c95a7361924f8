"""Contract tests that every discovery passes."""

__all__: list[str] = []
