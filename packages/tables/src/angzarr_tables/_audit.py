"""Tables as an auditor sees them."""

from collections.abc import Sequence

from typing_extensions import override

from angzarr_rows import command_of, event_of
from angzarr_store import Audit, Checkpoint, CommandRow, Event, Head
from angzarr_tables._reads import Reads


class TableAudit(Audit):
    """The rows of one database, whose owner may write meanwhile."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    @override
    async def read_domains(self) -> Sequence[str]:
        return [row[0] for row in await self._reads.rows("select_domains", {})]

    @override
    async def read_head(self, domain: str) -> Head:
        ((position, epoch, chain),) = await self._reads.rows("select_head", {"domain": domain})
        return Head(position=position, epoch=epoch, chain=chain)

    @override
    async def read_events(self, domain: str, *, after: int, limit: int) -> Sequence[Event]:
        values = {"domain": domain, "after": after, "limit": limit}
        return [event_of(row) for row in await self._reads.rows("select_feed_events", values)]

    @override
    async def read_commands(self, domain: str, *, after: str, limit: int) -> Sequence[CommandRow]:
        values = {"domain": domain, "after": after, "limit": limit}
        return [command_of(row) for row in await self._reads.rows("select_commands", values)]

    @override
    async def read_checkpoints(self) -> Sequence[Checkpoint]:
        return [
            Checkpoint(subscriber=row[0], domain=row[1], position=row[2], chain=row[3])
            for row in await self._reads.rows("select_checkpoints", {})
        ]

    @override
    async def aclose(self) -> None:
        await self._reads.aclose()
