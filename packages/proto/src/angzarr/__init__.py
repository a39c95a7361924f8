"""Wire messages and method descriptions of Angzarr."""

__all__: list[str] = []
