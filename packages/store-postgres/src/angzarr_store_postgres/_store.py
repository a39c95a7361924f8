"""The database of one component as a schema of Postgres."""

import asyncio
from contextlib import ExitStack

from typing_extensions import override

from angzarr_ports import System
from angzarr_store import Audit, Head, StoreConfig
from angzarr_store_postgres._epochs import JoinEpoch
from angzarr_store_postgres._errors import translating
from angzarr_store_postgres._execution import execute
from angzarr_store_postgres._leases import PostgresLedger
from angzarr_store_postgres._migration import migrate
from angzarr_store_postgres._place import Place
from angzarr_store_postgres._reading import PostgresReads
from angzarr_store_postgres._session import check_tables, connect, let_go, opened
from angzarr_store_postgres._statements import LAYOUT, STATEMENTS
from angzarr_store_postgres._writer import PostgresWriter
from angzarr_tables import Operation, TableAudit, TableStore, TakeEpoch, VerifyTails


class PostgresStore(TableStore):
    """One schema, one writing connection, a few that read."""

    def __init__(
        self, place: Place, writer: PostgresWriter, reads: PostgresReads, system: System
    ) -> None:
        self._place = place
        self._leases = PostgresLedger(writer, reads, system)
        super().__init__(writer, reads, self._leases)

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "PostgresStore":
        place = await asyncio.to_thread(Place.of, config)
        connection = await opened(place)
        with ExitStack() as undo, translating():
            undo.callback(connection.terminate)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await execute(connection, VerifyTails(LAYOUT).steps(again=False))
            undo.pop_all()
        writer = PostgresWriter(place, connection, system)
        return cls(place, writer, PostgresReads(place), system)

    @classmethod
    @override
    async def audit(cls, config: StoreConfig, system: System) -> Audit | None:
        place = await asyncio.to_thread(Place.of, config)
        connection = await connect(place, read_only=True)
        try:
            with translating():
                if not await connection.fetchval(STATEMENTS["select_schema"].text):
                    return None
                await check_tables(connection, place)
        finally:
            await let_go(connection)
        return TableAudit(PostgresReads(place))

    @classmethod
    @override
    async def migrate(cls, config: StoreConfig) -> None:
        """Make the schema of a component, with its login, or bring it up to this layout.

        Shape: `config.url` names a login that may become the owner, `angzarr_owner`.

        Raises:
            RefusedError: the layout is newer than this code, or the login may not do it.
            StoreUnavailableError: nothing was changed.
        Rule: operations.md §11; security.md §6.
        """
        await migrate(await asyncio.to_thread(Place.of, config))

    @override
    def _taking(self, domain: str) -> Operation[Head]:
        if self._place.shared:
            return JoinEpoch(domain)
        return TakeEpoch(domain=domain, layout=LAYOUT)

    @override
    async def aclose(self) -> None:
        await self._leases.aclose()
        await super().aclose()
