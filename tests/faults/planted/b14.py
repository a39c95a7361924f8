"""B14: an event is published before its commit."""

from typing import Any

from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_store import Appended, CommandRow, with_position


def plant() -> None:
    """Announce where the event will probably be, then append."""
    append = Pipeline._append

    async def eager(self: Any, order: Any, batch: Any) -> Appended:
        head = await self._log.head()
        pages = tuple(with_position(it, head.position + 1) for it in batch.pages)
        row = CommandRow(
            command_id=batch.command_id,
            key=batch.key,
            type_url=batch.type_url,
            first_sequence=batch.base,
            first_position=head.position + 1,
            count=len(pages),
            epoch=head.epoch,
            status=None,
        )
        self._announcer.announce(batch, Appended(row=row, pages=pages, repeated=False))
        return await append(self, order, batch)

    Pipeline._append = eager  # type: ignore[method-assign]
