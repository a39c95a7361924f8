"""The table of stock levels in the projector's own SQLite database.

While the view is built anew it has a second table, with places of its own.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

import aiosqlite
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from angzarr_client import (
    BESIDE,
    CREATE_PLACES,
    DELETE_PLACES,
    MOVE_PLACES,
    EventContext,
    TryAgainError,
)
from angzarr_example_projector_inventory_stock._level import Level
from angzarr_settings import SettingsError
from examples.projections_pb2 import StockLevel

PREFIX = "sqlite:///"
FOLDER = resources.files(__package__) / "sql"
INDEXES = ("create_stock_product", "create_stock_low")
MADE = ("create_stock", "drop_stock", "rename_stock")
STATEMENTS = {
    name: (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for name in (*MADE, *INDEXES, "select_stock", "upsert_stock", "select_table")
}
LIVE, REBUILT = "stock", "stock_rebuild"


class StockView:
    """One transaction per event: the row and the place in the history, or neither."""

    def __init__(self, url: str, component: str) -> None:
        path = url.removeprefix(PREFIX)
        if path in {url, ""}:
            given = url.partition(":")[0]  # the rest may hold a password
            what = f"DATABASE_URL of kind {given!r}: only SQLite with a path is served yet"
            raise SettingsError(what, "DATABASE_URL", f"Make it {PREFIX}PATH.")
        self._path = Path(path)
        self._component = component
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open the database and make its tables."""
        await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
        self._connection = await aiosqlite.connect(self._path, isolation_level=None)
        await self._connection.execute("PRAGMA journal_mode=wal")
        await self._connection.execute("PRAGMA synchronous=FULL")
        indexes = (STATEMENTS[name] for name in INDEXES)
        for statement in (CREATE_PLACES, _on(LIVE, "create_stock"), *indexes):
            await self._connection.execute(statement)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the database after the transaction that runs."""
        async with self._turn:
            await self._connection.close()

    async def project(self, event: Message, context: EventContext) -> StockLevel:
        """Return the level after an event; one that was applied before changes nothing.

        A caller that is gone does not stop the transaction half-way.

        Raises:
            TryAgainError: another process moved the place, or the database does not answer.
        """
        try:
            level = await asyncio.shield(self._project(event, context))
        except sqlite3.OperationalError as error:
            raise TryAgainError(f"The stock table cannot be written: {error}") from error
        return _message(level)

    async def begin_rebuild(self) -> None:
        """Make the second table empty, and its places, so that all events can come for it."""
        async with self._transaction() as transaction:
            await transaction.execute(_on(REBUILT, "drop_stock"), ())
            await transaction.execute(_on(REBUILT, "create_stock"), ())
            await transaction.execute(DELETE_PLACES, (self._component + BESIDE,))

    async def switch(self) -> None:
        """Let the second table take the place of the first, with its places; without one nothing.

        Whoever reads the table sees the old one or the new one, whole.
        """
        async with self._transaction() as transaction:
            if not await transaction.fetch(STATEMENTS["select_table"], (REBUILT,)):
                return
            await transaction.execute(_on(LIVE, "drop_stock"), ())
            for name in ("rename_stock", *INDEXES):
                await transaction.execute(STATEMENTS[name], ())
            await transaction.execute(DELETE_PLACES, (self._component,))
            await transaction.execute(MOVE_PLACES, (self._component + BESIDE, self._component))

    async def _project(self, event: Message, context: EventContext) -> Level:
        table, root = REBUILT if context.rebuild else LIVE, context.root.bytes
        async with self._transaction() as transaction:
            row = await transaction.fetch(_on(table, "select_stock"), (root,))
            level = Level.of(row) if row else Level()
            if not await context.once(transaction):
                return level
            changed = replace(
                level.after(event),
                last_sequence=context.sequence,
                updated_at=context.now.isoformat().replace("+00:00", "Z"),
            )
            await transaction.execute(_on(table, "upsert_stock"), (root, *changed.row()))
            return changed

    @asynccontextmanager
    async def _transaction(self) -> "AsyncIterator[SqliteTransaction]":
        async with self._turn:
            await self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(self._connection)
                await self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    await self._connection.execute("ROLLBACK")
                raise


class SqliteTransaction:
    """What `EventContext.once` and the view need of an open transaction."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[object] | None:
        """Return the first row of a query, None without one."""
        async with self._connection.execute(statement, parameters) as cursor:
            row = await cursor.fetchone()
        return tuple(row) if row is not None else None

    async def execute(self, statement: str, parameters: Sequence[object]) -> int:
        """Execute a statement; return how many rows it changed."""
        async with self._connection.execute(statement, parameters) as cursor:
            return cursor.rowcount


def _on(table: str, name: str) -> str:
    """Return a statement about one of the two tables."""
    return STATEMENTS[name].format(table=table)


def _message(level: Level) -> StockLevel:
    time = Timestamp()
    if level.updated_at:
        time.FromJsonString(level.updated_at)
    return StockLevel(
        product_id=level.product_id,
        on_hand=level.on_hand,
        reserved=level.reserved,
        available=level.available,
        low_stock_threshold=level.low_stock_threshold,
        low_stock=level.low_stock,
        sequence=level.last_sequence,
        updated_at=time,
    )
