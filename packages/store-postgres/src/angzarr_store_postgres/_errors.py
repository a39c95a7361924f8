"""What a failure of the driver means."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from angzarr_store import (
    InvariantError,
    RefusedError,
    StoreError,
    StoreFullError,
    StoreIoError,
    StoreUnavailableError,
)

DRIVER = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that its server ended while it was idle
    OSError,
    TimeoutError,
)
# By SQLSTATE, the longest prefix decides: gone or not now, full, forbidden, broken; else a bug.
MEANINGS: dict[str, type[StoreError]] = {
    "08": StoreUnavailableError,
    "25": StoreUnavailableError,
    "28": StoreUnavailableError,
    "3D": StoreUnavailableError,
    "40": StoreUnavailableError,
    "53": StoreUnavailableError,
    "53100": StoreFullError,
    "55": StoreUnavailableError,
    "57": StoreUnavailableError,
    "58030": StoreIoError,
    "XX001": StoreIoError,
    "XX002": StoreIoError,
    "42501": RefusedError,
}


def translated(error: Exception) -> StoreError:
    """Return what an error of DRIVER means; whether something was stored is another question.

    Unavailable: a new connection may succeed, as after a lost one. Full: not before there is space.
    All others: a statement failed that cannot fail.
    """
    if not isinstance(error, asyncpg.PostgresError):
        return StoreUnavailableError(f"the database does not answer: {type(error).__name__}")
    state = error.sqlstate or ""
    meaning = MEANINGS.get(state) or MEANINGS.get(state[:2], InvariantError)
    if meaning is StoreFullError:
        return StoreFullError("Store is full")
    if meaning is RefusedError:
        return RefusedError("rights", f"too few: {error}", "run `angzarr store migrate`")
    return meaning(f"the database says {state}: {error}")


@contextmanager
def translating() -> Iterator[None]:
    """Raise what errors of the driver mean."""
    try:
        yield
    except DRIVER as error:
        raise translated(error) from error
