"""What authors of business logic import: routers, serve, clients."""

__all__: list[str] = []
