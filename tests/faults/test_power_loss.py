"""S3: the power fails between any two writes of the store (reliability.md §6, §10)."""

import asyncio
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import apsw
import pytest

from angzarr_ports import NoFaults
from angzarr_store import Appended, InvariantError, StoreFullError, StoreIoError
from angzarr_store_conformance import batch
from angzarr_store_sqlite import _connection, _writer
from angzarr_store_sqlite._statements import LAYOUT
from angzarr_store_sqlite._wal import Wal
from angzarr_tables import Pending, TakeEpoch

from .disk import Adapter, Disk, Failure, Replay, watched_vfs

TRANSACTIONS, LONG_TRANSACTIONS = 18, 400
SEEDS = 10
MEMORY = Path("/dev/shm")  # noqa: S108 - where thousands of crash states are opened quickly
STORED = "SELECT command_id FROM events WHERE domain = 'order'"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def place() -> Iterator[Path]:
    """Make a directory that is as quick as memory."""
    path = Path(tempfile.mkdtemp(prefix="angzarr-power-", dir=MEMORY))
    yield path
    shutil.rmtree(path)


class Run:
    """The real append code on a watched disk; `acked` says after which step an id was told."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.disk = Disk()
        self.acked: dict[str, int] = {}
        self.errors: list[Exception] = []
        self._monkeypatch = monkeypatch

    def append(self, transactions: int, *, failing: Failure | None = None) -> "Run":
        """Append groups until the writer has to stop; `failing` counts from the open store on."""
        watched_vfs().disk = self.disk
        path = self.place / "order.db"
        with self._monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", lambda at, **_: Adapter(at))
            connection: Any = _connection.open_writer(path, volatile=True)
        self.disk.counts.clear()
        self.disk.failing = failing
        try:
            self._append(connection, path, transactions)
        except (StoreIoError, StoreFullError, InvariantError) as error:
            self.errors.append(error)
        finally:
            self.disk.failing = None
            trace = list(self.disk.steps)
            connection.abandon()
            self.disk.steps = trace
        return self

    def _append(self, connection: Any, path: Path, transactions: int) -> None:
        wal = Wal(connection, path)
        epoch = self._transact(connection, [_operation()])[0].epoch
        for number in range(transactions):
            if number % 9 == 8:
                self._translated(lambda: wal._checkpoint(0))  # noqa: SLF001 - in a short run, too
            group = [_append(f"{number}-{it}", 1 + it, epoch) for it in range(1 + number % 3)]
            try:
                answers = self._transact(connection, group)
            except StoreFullError as error:
                self.errors.append(error)
                answers = self._transact(connection, group)
            for answer in answers:
                assert isinstance(answer, Appended), answer
                self.acked[answer.row.command_id] = len(self.disk.steps)

    def _transact(self, connection: Any, group: list[Any]) -> list[Any]:
        commit = lambda it: it.execute("COMMIT")  # noqa: E731 - one statement
        transact = lambda: _writer.transact(connection, group, NoFaults(), commit)  # noqa: E731 - its argument
        return list(self._translated(transact))

    @staticmethod
    def _translated(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except sqlite3.Error as error:
            raise _writer.translated(error) from error

    def crashes(self, chance: random.Random, seeds: int) -> Iterator[str]:
        """Yield what is wrong after a power loss behind each step."""
        replay = Replay()
        for at, step in enumerate(self.disk.steps, start=1):
            replay.advance(step)
            for files in {tuple(replay.crashed(chance).items()) for _ in range(seeds)}:
                yield from self.lost(at, dict(files))

    def ended(self) -> list[str]:
        """Return what is wrong after a power loss at the end."""
        replay = Replay()
        for step in self.disk.steps:
            replay.advance(step)
        return self.lost(len(self.disk.steps), replay.crashed(random.Random(1)))

    def lost(self, at: int, files: dict[str, bytes]) -> list[str]:
        """Return what is wrong with the files that a crash behind step `at` has left."""
        fresh = self.place / "crashed"
        fresh.mkdir()
        try:
            for name, content in files.items():
                (fresh / name).write_bytes(content)
                (fresh / name).chmod(0o600)
            with closing(_connection.open_writer(fresh / "order.db", volatile=True)) as found:
                stored = Counter(row[0] for row in found.execute(STORED))
        except Exception as error:  # noqa: BLE001 - whatever refuses a crash state is a finding
            return [f"step {at}: not opened: {error!r}"]
        finally:
            shutil.rmtree(fresh)
        told = [id_ for id_, step in self.acked.items() if step <= at]
        torn = [id_ for id_, pages in stored.items() if pages != 2]
        return [f"step {at}: lost {id_}" for id_ in told if id_ not in stored] + torn


def _operation() -> Any:
    return Pending(answer=asyncio.Future(), operation=TakeEpoch(domain="order", layout=LAYOUT))


def _append(id_: str, root: int, epoch: int) -> Any:
    number = int(id_.partition("-")[0])
    base = 2 * sum(1 for it in range(number) if it % 3 >= root - 1)
    made = batch(id_, root=root, base=base, pages=2)
    return Pending(answer=asyncio.Future(), batch=made, domain="order", epoch=epoch)


async def test_a_power_loss_loses_nothing_acknowledged(
    place: Path, monkeypatch: pytest.MonkeyPatch, *, is_long: bool, seed: int
) -> None:
    """Whatever part of the un-synced writes survives, all that was told is there, and whole."""
    run = Run(place, monkeypatch).append(LONG_TRANSACTIONS if is_long else TRANSACTIONS)
    steps = len(run.disk.steps)

    wrong = list(islice(run.crashes(random.Random(seed), SEEDS), 10))

    assert wrong == []
    assert run.errors == []
    print(f"power loss x store: {steps * SEEDS} states")  # noqa: T201 - the count matrix


FAILURES = [
    *(("sync", at, apsw.IOError) for at in range(1, 31)),
    *(("write", at, error) for error in (apsw.IOError, apsw.FullError) for at in range(1, 61)),
]


async def test_a_failed_write_or_sync_is_never_an_ok(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EIO ends the writer, a full disk is refused and overcome; nothing told is lost."""
    wrong: list[object] = []
    met = Counter[str]()
    for kind, at, error in FAILURES:
        where = place / f"{kind}-{at}-{error.__name__}"
        where.mkdir()
        run = Run(where, monkeypatch)
        run.append(12, failing=(kind, at, error))
        expected = StoreFullError if error is apsw.FullError else StoreIoError
        wrong += [f"{kind} {at}: {it!r}" for it in run.errors if type(it) is not expected]
        if run.disk.has_failed and not run.errors:
            wrong.append(f"{kind} {at}: went on after a failure")
        wrong += run.ended()
        met[f"{kind} {error.__name__}: {len(run.errors)} answers"] += 1
        shutil.rmtree(where)

    assert wrong == []
    print(f"I/O errors x store: {dict(met)}")  # noqa: T201 - the count matrix
