"""Executing the steps of a transaction on a connection."""

from collections.abc import Mapping
from typing import TypeVar

from angzarr_store_postgres._session import Connection
from angzarr_store_postgres._statements import STATEMENTS
from angzarr_store_postgres._texts import read, written
from angzarr_tables import Ask, Rows, Step, Steps

ResultT = TypeVar("ResultT")


async def execute(connection: Connection, steps: Steps[ResultT]) -> ResultT:
    """Return what the steps come to.

    Raises:
        DRIVER: a statement failed; the rest was not executed.
    """
    try:
        step = next(steps)
        while True:
            step = steps.send(await _rows(connection, step))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what a generator returns has no type


async def fetch(connection: Connection, name: str, values: Mapping[str, object]) -> Rows:
    """Return the rows of a statement with named parameters."""
    statement = STATEMENTS[name]
    given = map(written, statement.values(values))
    return read(await connection.fetch(statement.text, *given))


async def _rows(connection: Connection, step: Step) -> Rows:
    if isinstance(step, Ask):
        return await fetch(connection, step.name, step.values)
    if not step.rows:
        return ()
    columns = ([written(value) for value in column] for column in zip(*step.rows, strict=True))
    return read(await connection.fetch(STATEMENTS[step.name].text, *columns))
