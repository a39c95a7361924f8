"""The command angzarr."""

__all__: list[str] = []
