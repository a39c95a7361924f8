"""Event store in memory, the reference of the contract."""

from angzarr_store_memory._store import MemoryStore

__all__ = ["MemoryStore"]
