"""Event store in memory, the reference of the contract."""

__all__: list[str] = []
