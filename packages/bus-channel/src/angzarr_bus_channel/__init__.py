"""Bus inside one process, the reference of the contract."""

__all__: list[str] = []
