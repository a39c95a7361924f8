"""The database of one component, whatever its driver."""

from abc import abstractmethod

from typing_extensions import override

from angzarr_store import EventLog, Head, Ledger, Store, check_log_name
from angzarr_tables._append import Probe
from angzarr_tables._ledger import TableLedger
from angzarr_tables._log import TableLog
from angzarr_tables._reads import Reads
from angzarr_tables._steps import Operation
from angzarr_tables._writer import Writer


class TableStore(Store):
    """What one writer writes and others read; a driver adds how it is opened and closed."""

    def __init__(self, writer: Writer, reads: Reads, ledger: TableLedger) -> None:
        self._writer = writer
        self._reads = reads
        self._ledger = ledger

    @abstractmethod
    def _taking(self, domain: str) -> Operation[Head]:
        """Return how this process becomes an appender of a domain."""

    @override
    async def log(self, domain: str) -> EventLog:
        check_log_name(domain)
        head = await self._writer.execute(self._taking(domain))
        return TableLog(domain, head, self._writer, self._reads)

    @property
    @override
    def ledger(self) -> Ledger:
        return self._ledger

    @override
    async def probe(self) -> None:
        await self._writer.execute(Probe())

    @override
    async def aclose(self) -> None:
        await self._reads.aclose()
        await self._writer.aclose()
