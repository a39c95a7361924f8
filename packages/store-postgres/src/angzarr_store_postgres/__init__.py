"""Event store on Postgres: one schema per component, group commit, every commit synced."""

from angzarr_store_postgres._store import PostgresStore

__all__ = ["PostgresStore"]
