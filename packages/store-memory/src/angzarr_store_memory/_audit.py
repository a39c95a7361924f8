"""The rows in memory as an auditor sees them."""

from collections.abc import Sequence

from typing_extensions import override

from angzarr_store import Audit, Checkpoint, CommandRow, Event, Head
from angzarr_store_memory._database import Database


class MemoryAudit(Audit):
    """The rows of one component in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def read_domains(self) -> Sequence[str]:
        return sorted(self._database.logs)

    @override
    async def read_head(self, domain: str) -> Head:
        return self._database.logs[domain].head

    @override
    async def read_events(self, domain: str, *, after: int, limit: int) -> Sequence[Event]:
        events = self._database.logs[domain].events
        return [event for event in events if event.position > after][:limit]

    @override
    async def read_commands(self, domain: str, *, after: str, limit: int) -> Sequence[CommandRow]:
        rows = sorted(self._database.logs[domain].commands.items())
        return [row for id_, row in rows if id_ > after][:limit]

    @override
    async def read_checkpoints(self) -> Sequence[Checkpoint]:
        return [
            Checkpoint(subscriber=who, domain=domain, position=rows.position, chain=rows.chain)
            for (who, domain), rows in sorted(self._database.subscriptions.items())
            if rows.epoch
        ]

    @override
    async def aclose(self) -> None:
        """Nothing is held."""
