"""Contract tests that every bus passes."""

__all__: list[str] = []
