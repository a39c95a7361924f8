"""Given, when, then for business logic, and a whole system in one loop."""

__all__: list[str] = []
