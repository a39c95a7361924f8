"""The table of stock levels in the projector's own SQLite database."""

import asyncio
import sqlite3
import threading
from dataclasses import replace
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from angzarr_client import EventContext, TryAgainError
from angzarr_example_projector_inventory_stock._level import Level
from angzarr_settings import SettingsError
from examples.projections_pb2 import StockLevel

PREFIX = "sqlite:///"
TABLES = ("create_stock", "create_stock_product", "create_stock_low", "create_checkpoints")
CHANGES = (
    "insert_checkpoint",
    "select_checkpoint",
    "select_stock",
    "update_checkpoint",
    "upsert_stock",
)
FOLDER = resources.files(__package__) / "sql"
STATEMENTS = {
    name: (FOLDER / f"{name}.sql").read_text(encoding="utf-8") for name in (*TABLES, *CHANGES)
}


class StockView:
    """One transaction per event: the row and the checkpoint, or neither.

    Each is one function on a thread, so that a cancelled call cannot leave half of it behind.
    """

    def __init__(self, url: str, component: str) -> None:
        path = url.removeprefix(PREFIX)
        if path in {url, ""}:
            given = url.partition(":")[0]  # the rest may hold a password
            what = f"DATABASE_URL of kind {given!r}: only SQLite with a path is served yet"
            raise SettingsError(what, "DATABASE_URL", f"Make it {PREFIX}PATH.")
        self._path = Path(path)
        self._component = component
        self._turn = threading.Lock()

    async def __aenter__(self) -> Self:
        """Open the database and make its tables."""
        self._connection = await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the database."""
        await asyncio.to_thread(self._close)

    async def project(self, event: Message, context: EventContext) -> StockLevel:
        """Return the level after an event; one that was applied before changes nothing.

        Raises:
            TryAgainError: another process moved the checkpoint, or the database does not answer.
        """
        try:
            level = await asyncio.to_thread(self._transact, event, context)
        except sqlite3.OperationalError as error:
            raise TryAgainError(f"The stock table cannot be written: {error}") from error
        return _message(level)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=FULL")
        for name in TABLES:
            connection.execute(STATEMENTS[name])
        return connection

    def _close(self) -> None:
        with self._turn:
            self._connection.close()

    def _transact(self, event: Message, context: EventContext) -> Level:
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                level = self._apply(event, context)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        return level

    def _apply(self, event: Message, context: EventContext) -> Level:
        names = {
            "component": self._component,
            "domain": context.domain,
            "edition": context.edition,
            "root": context.root.bytes,
        }
        level = self._level(context)
        found = self._connection.execute(STATEMENTS["select_checkpoint"], names).fetchone()
        if found is not None and context.sequence <= found[0]:
            return level
        place = {**names, "sequence": context.sequence, "position": context.position}
        name = "insert_checkpoint" if found is None else "update_checkpoint"
        previous = {"previous": None if found is None else found[0]}
        moved = self._connection.execute(STATEMENTS[name], {**place, **previous})
        if moved.rowcount != 1:
            raise TryAgainError("The checkpoint was moved by another process")
        changed = replace(
            level.after(event),
            last_sequence=context.sequence,
            updated_at=context.now.isoformat().replace("+00:00", "Z"),
        )
        row = {"root": context.root.bytes, **changed.row()}
        self._connection.execute(STATEMENTS["upsert_stock"], row)
        return changed

    def _level(self, context: EventContext) -> Level:
        root = {"root": context.root.bytes}
        found = self._connection.execute(STATEMENTS["select_stock"], root).fetchone()
        return Level.of(found) if found else Level()


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
