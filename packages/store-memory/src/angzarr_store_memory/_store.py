"""The store over rows in memory."""

from typing_extensions import override

from angzarr_ports import Metrics, System
from angzarr_store import (
    Audit,
    EventLog,
    Ledger,
    RefusedError,
    Store,
    StoreConfig,
    check_log_name,
)
from angzarr_store_memory._audit import MemoryAudit
from angzarr_store_memory._database import Database
from angzarr_store_memory._ledger import MemoryLedger
from angzarr_store_memory._log import MemoryLog


class MemoryStore(Store):
    """The reference of the contract; what it holds ends with the process.

    Opening it a second time by `reopen` keeps the rows, as a restart of a component would.
    """

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._ledger = MemoryLedger(database)

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "MemoryStore":
        config.check_alone()
        return cls(Database(), system.metrics)

    @classmethod
    @override
    async def audit(cls, config: StoreConfig, system: System) -> Audit | None:
        raise RefusedError("store.kind", "memory", "what it holds ends with its process")

    def audited(self) -> Audit:
        """Return the rows as an auditor in this process sees them."""
        return MemoryAudit(self._database)

    def reopen(self) -> "MemoryStore":
        """Return a store over the same rows."""
        return MemoryStore(self._database, self._metrics)

    @override
    async def log(self, domain: str) -> EventLog:
        check_log_name(domain)
        return MemoryLog(domain, self._database, self._metrics)

    @property
    @override
    def ledger(self) -> Ledger:
        return self._ledger

    @override
    async def probe(self) -> None:
        """Memory can always commit."""

    @override
    async def aclose(self) -> None:
        """Nothing is held."""
