"""Event store on SQLite: one file per component, group commit, every commit synced."""

from angzarr_store_sqlite._store import SqliteStore

__all__ = ["SqliteStore"]
