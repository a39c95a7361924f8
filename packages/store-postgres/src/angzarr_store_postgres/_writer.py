"""The writing connection, owned by one task (reliability.md §2.3)."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, TypeVar

from typing_extensions import override

from angzarr_ports import System
from angzarr_store import (
    InvariantError,
    RefusedError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_store_postgres._errors import translating
from angzarr_store_postgres._execution import execute, fetch
from angzarr_store_postgres._place import Place
from angzarr_store_postgres._session import Connection, let_go, opened
from angzarr_tables import FSYNC, Ask, Pending, Probe, Steps, Writer, group_steps

ResultT = TypeVar("ResultT")

RERUN_SECONDS = 15.0
PAUSE_SECONDS = (0.02, 0.4)
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
COMMIT = "COMMIT"


class PostgresWriter(Writer):
    """Executes each group in one transaction, again after any failure of the connection.

    The lock on the head makes a new execution wait until the old one is over, so that the second
    one finds what the first one stored.
    """

    def __init__(self, place: Place, connection: Connection, system: System) -> None:
        super().__init__("postgres-writer", system)
        self._place = place
        self._connection: Connection | None = connection
        self._randomness = system.randomness
        self._known: dict[str, Ask] = {}
        self._in_doubt = False

    @override
    async def _store(self, group: Sequence[Pending[Any]]) -> Sequence[object]:
        self._in_doubt = False
        until = self._clock.monotonic() + RERUN_SECONDS
        while True:
            steps = partial(group_steps, group, self._faults, again=self._in_doubt)
            try:
                return await self._transact(steps)
            except StoreUnavailableError as error:
                is_over = self._clock.monotonic() >= until or isinstance(error, StoreFullError)
                if is_over and self._in_doubt:
                    raise UnknownOutcomeError("") from error
                if is_over:
                    raise
            await self._clock.sleep(self._randomness.uniform(*PAUSE_SECONDS))

    @override
    async def _is_ready(self) -> bool:
        try:
            await self._transact(partial(Probe().steps, again=False))
        except StoreUnavailableError:
            return False
        return True

    @override
    async def _end(self) -> None:
        if self._connection is not None:
            await let_go(self._connection)

    async def _transact(self, begin: Callable[[], Steps[ResultT]]) -> ResultT:
        moved: dict[str, Ask] = {}
        with ExitStack() as undo, translating():
            undo.callback(self._drop)
            connection = self._connection or await self._connect()
            await connection.execute(BEGIN)
            self._faults.at("K6")
            answers = await execute(connection, _noting(begin(), moved))
            self._faults.at("K9")
            await self._commit_transaction(connection)
            undo.pop_all()
        self._known.update(moved)
        self._faults.at("K10")
        return answers

    async def _commit_transaction(self, connection: Connection) -> None:
        self._in_doubt = True
        began = self._clock.monotonic()
        await connection.execute(COMMIT)
        self._metrics.observe(FSYNC, self._clock.monotonic() - began)

    async def _connect(self) -> Connection:
        try:
            connection = await opened(self._place)
        except RefusedError as error:
            raise StoreUnavailableError(str(error)) from error
        self._connection = connection
        for moved in self._known.values():
            await _check_moved(connection, moved)
        return connection

    def _drop(self) -> None:
        """Never use a connection again that something went wrong on."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _noting(steps: Steps[ResultT], moved: dict[str, Ask]) -> Steps[ResultT]:
    """Pass steps on, and keep the last move of each head."""
    try:
        step = next(steps)
        while True:
            if isinstance(step, Ask) and step.name == "update_head":
                moved[str(step.values["domain"])] = step
            step = steps.send((yield step))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what a generator returns has no type


async def _check_moved(connection: Connection, moved: Ask) -> None:
    """Stop if what was acknowledged is not there: the database was rolled back, or is another."""
    with translating():
        rows = await fetch(connection, "select_chain", moved.values)
    if [row[0] for row in rows] != [moved.values["chain"]]:
        place = f"position {moved.values['position']} of {moved.values['domain']}"
        raise InvariantError(f"{place} is not what was stored there: the log was rolled back")
