"""Events become a read model."""

__all__: list[str] = []
