"""A disk that forgets: what SQLite writes and syncs is noted, and crash states are made of it.

The store's own code runs on it: `apsw` brings a SQLite whose files can be watched, and `Adapter`
gives its connection the methods of `sqlite3` that the store uses.
"""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import apsw
from typing_extensions import override

SECTOR = 512
Failure = tuple[str, int, type[apsw.Error]]
CODES = {
    (apsw.IOError, "sync"): apsw.SQLITE_IOERR_FSYNC,
    (apsw.IOError, "write"): apsw.SQLITE_IOERR_WRITE,
    (apsw.FullError, "write"): apsw.SQLITE_FULL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a file: write, truncate, sync, delete or lost."""

    kind: str
    name: str
    offset: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Disk:
    """Every step in order, and which operation of a kind is to fail with what."""

    steps: list[Step] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    failing: Failure | None = None
    has_failed: bool = False

    def note(self, step: Step) -> None:
        """Remember a step, or fail it; a sync that failed has lost what was to be synced."""
        number = self.counts[step.kind] = self.counts.get(step.kind, 0) + 1
        if self.failing is not None and self.failing[:2] == (step.kind, number):
            if step.kind == "sync":
                self.steps.append(Step(kind="lost", name=step.name))
            self.has_failed = True
            error: Any = self.failing[2]("planned")
            error.extendedresult = CODES[self.failing[2], step.kind]
            raise error
        self.steps.append(step)


class Replay:
    """The files as they lie on the disk after some steps: synced content, and what waits."""

    def __init__(self) -> None:
        self._synced: dict[str, bytearray] = {}
        self._waiting: dict[str, list[Step]] = {}

    def advance(self, step: Step) -> None:
        """Let one more step happen."""
        content = self._synced.setdefault(step.name, bytearray())
        waiting = self._waiting.setdefault(step.name, [])
        if step.kind in {"write", "truncate"}:
            waiting.append(step)
            return
        for it in waiting if step.kind == "sync" else ():
            _apply(content, it)
        if step.kind == "delete":
            content.clear()
        waiting.clear()

    def crashed(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files after a power loss.

        What was synced is there; of the rest a random part, torn at the borders of sectors.
        """
        found = {name: bytearray(content) for name, content in self._synced.items()}
        for name, waiting in self._waiting.items():
            for step in waiting:
                for it in _torn(step, chance):
                    _apply(found[name], it)
        return {name: bytes(content) for name, content in found.items() if content}


def _apply(content: bytearray, step: Step) -> None:
    if step.kind == "truncate":
        del content[step.offset :]
        return
    end = step.offset + len(step.data)
    content.extend(bytes(max(0, end - len(content))))
    content[step.offset : end] = step.data


def _torn(step: Step, chance: random.Random) -> Iterator[Step]:
    """Yield what is left of a step: all, nothing, or some sectors."""
    share = chance.choice((0.0, 0.5, 1.0))
    if step.kind == "truncate" or share in {0.0, 1.0}:
        yield from [step] if share == 1.0 else []
        return
    end = step.offset + len(step.data)
    for begin in _borders(step.offset, end):
        stop = min(end, begin - begin % SECTOR + SECTOR)
        if chance.random() < share:
            data = step.data[begin - step.offset : stop - step.offset]
            yield Step(kind="write", name=step.name, offset=begin, data=data)


def _borders(offset: int, end: int) -> Iterator[int]:
    yield offset
    yield from range(offset - offset % SECTOR + SECTOR, end, SECTOR)


class WatchedFile(apsw.VFSFile):
    """A real file whose writes and syncs are told to the disk."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._name = Path(path).name

    @override
    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.note(Step(kind="write", name=self._name, offset=offset, data=bytes(data)))
        super().xWrite(data, offset)

    @override
    def xTruncate(self, newsize: int) -> None:
        self._disk.note(Step(kind="truncate", name=self._name, offset=newsize))
        super().xTruncate(newsize)

    @override
    def xSync(self, flags: int) -> None:
        self._disk.note(Step(kind="sync", name=self._name))


class WatchedVfs(apsw.VFS):
    """Opens watched files; it stays, for connections that are closed late."""

    disk: Disk

    def __init__(self) -> None:
        super().__init__("watched", "")

    @override
    def xOpen(self, name: Any, flags: list[int]) -> WatchedFile:
        return WatchedFile(self.disk, name, flags)

    @override
    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.disk.note(Step(kind="delete", name=Path(filename).name))
        super().xDelete(filename, syncdir)


@cache
def watched_vfs() -> WatchedVfs:
    """Return the one that connections of `Adapter` use."""
    return WatchedVfs()


class Cursor:
    """The result of a statement."""

    def __init__(self, rows: list[Any], changes: int) -> None:
        self._rows = rows
        self.rowcount = changes

    def fetchone(self) -> Any:
        """Return the first row that is left."""
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[Any]:
        """Return all rows."""
        return self._rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)


class Adapter:
    """A connection of apsw that looks like one of sqlite3, errors included."""

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path), vfs="watched")

    def setlimit(self, category: int, limit: int) -> int:
        """Bound what a statement may ask for."""
        return self._connection.limit(category, limit)

    def execute(self, statement: str, values: Any = ()) -> Cursor:
        """Execute one statement to its end."""
        with _as_sqlite3():
            rows = list(self._connection.execute(statement, values or None))
            return Cursor(rows, self._connection.changes())

    def executemany(self, statement: str, values: Sequence[Any]) -> None:
        """Execute a statement once per row."""
        with _as_sqlite3():
            list(self._connection.executemany(statement, values))

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        return bool(self._connection.in_transaction)

    def abandon(self) -> None:
        """Let go of the file; what is noted afterwards is not part of the trace."""
        self._connection.close(force=True)


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        theirs = sqlite3.OperationalError(str(error))
        names: Any = apsw.mapping_extended_result_codes
        code = getattr(error, "extendedresult", 0)
        theirs.sqlite_errorname = str(names.get(code) or apsw.mapping_result_codes[code & 0xFF])
        raise theirs from error
