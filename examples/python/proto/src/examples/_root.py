"""Where a product's stock lives."""

import uuid


def inventory_root(product_id: str) -> uuid.UUID:
    """Return the root of the stock of a product: UUIDv5 of its id in the DNS namespace."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, product_id)
