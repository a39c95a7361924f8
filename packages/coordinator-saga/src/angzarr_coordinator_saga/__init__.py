"""Events of one domain become commands to another."""

__all__: list[str] = []
