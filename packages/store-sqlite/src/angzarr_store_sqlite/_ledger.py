"""The subscribers' rows in SQLite."""

from collections.abc import Sequence

import aiosqlite
from typing_extensions import override

from angzarr_ports import Faults
from angzarr_store import Backlog, Change, Lease, Ledger, RootKey
from angzarr_store_sqlite._operations import Acquire, CommitChanges
from angzarr_store_sqlite._rows import letter_of, reaction_of
from angzarr_store_sqlite._statements import STATEMENTS
from angzarr_store_sqlite._writer import Writer


class SqliteLedger(Ledger):
    """The rows of one component's subscriptions."""

    def __init__(self, writer: Writer, reader: aiosqlite.Connection, faults: Faults) -> None:
        self._writer = writer
        self._reader = reader
        self._faults = faults

    @override
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        return await self._writer.execute(Acquire(subscriber=subscriber, domain=domain))

    @override
    async def backlog(self, lease: Lease) -> Backlog:
        applied = frozenset(row[0] for row in await self._rows("select_applied", lease))
        reactions = [reaction_of(row) for row in await self._rows("select_reactions", lease)]
        letters = [letter_of(row) for row in await self._rows("select_letters", lease)]
        return Backlog(
            applied=applied,
            reactions=tuple(it for it in reactions if it.position not in applied),
            letters=tuple(letters),
        )

    @override
    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        operation = CommitChanges(lease=lease, changes=changes, faults=self._faults)
        refused = await self._writer.execute(operation)
        if refused is not None:
            raise refused

    @override
    async def projection(self, lease: Lease, key: RootKey) -> tuple[int, bytes] | None:
        values = {**_names(lease), "edition": key.edition, "root": key.root}
        async with self._reader.execute(STATEMENTS["select_projection"], values) as found:
            row = await found.fetchone()
        return None if row is None else (row[0], row[1])

    async def _rows(self, name: str, lease: Lease) -> list[aiosqlite.Row]:
        return list(await self._reader.execute_fetchall(STATEMENTS[name], _names(lease)))


def _names(lease: Lease) -> dict[str, object]:
    return {
        "subscriber": lease.subscriber,
        "domain": lease.domain,
        "position": lease.position,
    }
