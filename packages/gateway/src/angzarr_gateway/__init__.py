"""Commands and queries of every domain on one port."""

__all__: list[str] = []
