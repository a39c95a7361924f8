"""The inventory service."""

from angzarr_client import CommandRouter, serve
from angzarr_example_aggregate_inventory import _handlers as handlers
from angzarr_example_aggregate_inventory._state import fold

PORT = 50304

inventory = CommandRouter("inventory", fold)
inventory.on(handlers.initialize)
inventory.on(handlers.receive)
inventory.on(handlers.reserve)
inventory.on(handlers.release)
inventory.on(handlers.commit)


def main() -> None:
    """Serve the stock."""
    serve(inventory, port=PORT)
