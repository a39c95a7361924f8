"""Executing the steps of a transaction on the thread of its connection."""

import sqlite3
from typing import TypeVar

from angzarr_store_sqlite._statements import PROCEDURES, STATEMENTS
from angzarr_tables import Ask, AskEach, Put, Rows, Step, Steps

ResultT = TypeVar("ResultT")


def execute(connection: sqlite3.Connection, steps: Steps[ResultT]) -> ResultT:
    """Return what the steps come to.

    Raises:
        sqlite3.Error: a statement failed; the rest was not executed.
    """
    try:
        step = next(steps)
        while True:
            step = steps.send(_rows(connection, step))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what a generator returns has no type


def _rows(connection: sqlite3.Connection, step: Step) -> Rows:
    match step:
        case Ask(name, values) if name in PROCEDURES:
            for each in PROCEDURES[name]:
                connection.execute(STATEMENTS[each], values)
            return ()
        case Ask(name, values):
            return connection.execute(STATEMENTS[name], values).fetchall()
        case AskEach(name, rows):
            text = STATEMENTS[name]
            return [row for each in rows for row in connection.execute(text, each)]
        case Put(name, rows):
            connection.executemany(STATEMENTS[name], rows)
            return ()
