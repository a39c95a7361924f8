"""Discovery from configuration."""

__all__: list[str] = []
