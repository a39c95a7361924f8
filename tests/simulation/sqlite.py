"""The SQLite store inside the simulated loop: no thread, real files, which a kill lets go of.

What a thread would execute is executed by the loop some time after it was handed over, and the
answer comes some time after that. A killed process closes its files where it stands: what is not
committed is rolled back when the file is opened again.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import aiosqlite
from typing_extensions import override

from angzarr_disk import DatabaseLock
from angzarr_simulation import Disk, SimulatedLoop
from angzarr_simulation._ports import lag
from angzarr_simulation._process import PROCESS
from angzarr_store import (
    Appended,
    Change,
    FencedError,
    Lease,
    ProcessBatch,
    RootKey,
    Snapshot,
    StoreFullError,
)
from angzarr_store_sqlite import _store
from angzarr_store_sqlite._connection import open_writer
from angzarr_store_sqlite._writer import SqliteWriter
from angzarr_tables import CommitChanges, Pending, Steps, _ledger, _log, _writer
from angzarr_tables._editions import DeleteEdition
from angzarr_tables._process import AppendProcess, CancelTimer
from angzarr_tables._snapshots import SaveSnapshot
from angzarr_tables._subscriptions import DiscardLetter, RequestReplay

from .plan import Plan
from .planted import patched
from .recorder import Recorder

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - no sync is simulated; what it promises, S3 checks
Due = list[Callable[[], None]]


@contextmanager
def files(loop: SimulatedLoop, recorder: Recorder, plan: Plan) -> Iterator[str]:
    """Yield a directory for databases, "" if the plan wants none; `recorder` hears of commits."""
    if not plan.is_on_disk:
        yield ""
        return
    due: Due = []
    held = Held()
    with (
        TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as directory,
        patched(
            (aiosqlite.core, "Connection", partial(_Reader, loop, held)),
            (_store, "DatabaseLock", partial(_Lock, held)),
            (_store, "open_writer", partial(_opened, held)),
            (_store, "SqliteWriter", partial(_Writer, due)),
            (_ledger, "CommitChanges", partial(_Commit, due=due, recorder=recorder)),
            (_ledger, "RequestReplay", partial(_Replay, due=due, recorder=recorder)),
            (_ledger, "DiscardLetter", partial(_Discard, due=due, recorder=recorder)),
            (_writer, "AppendProcess", partial(_Step, due=due, recorder=recorder)),
            (_log, "CancelTimer", partial(_Cancel, due=due, recorder=recorder)),
            (_log, "DeleteEdition", partial(_Delete, due=due, recorder=recorder)),
            (_log, "SaveSnapshot", partial(_Keep, due=due, recorder=recorder)),
            (_writer, "GROUP_BATCHES", plan.limit_group),
        ),
    ):
        try:
            yield directory
        finally:
            held.let_go()


class Held:
    """What is open, and ends with its process or with the run."""

    def __init__(self) -> None:
        self._ends: dict[Callable[[], None], None] = {}

    def add(self, end: Callable[[], None]) -> None:
        """Call `end` when the process that runs now is killed, or at the end of the run."""
        self._ends[end] = None
        process = PROCESS.get()
        if process is not None:
            process.when_killed(end)

    def let_go(self) -> None:
        """End everything; what has ended already does nothing."""
        for end in self._ends:
            end()


class OwnDisk(Disk):
    """A disk that is the store's own business, except that it may be full."""

    @override
    async def write(self, effect: Callable[[], Any]) -> Any:
        if self.dice.strikes("fill", self.process.name):
            raise StoreFullError("Store is full")
        return await effect()


class Onlooker:
    """A recorder that hears of commits elsewhere: from the writer, at the instant of each."""

    def __init__(self, recorder: Recorder) -> None:
        self.opened, self.leased, self.fed = recorder.opened, recorder.leased, recorder.fed

    def committed(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Know it already."""

    def stepped(self, domain: str, batch: ProcessBatch) -> None:
        """Know it already."""

    def cancelled(self, domain: str, key: RootKey, timer_type: str) -> None:
        """Know it already."""

    def deleted(self, domain: str, edition: str) -> None:
        """Know it already."""

    def kept(self, domain: str, snapshot: Snapshot) -> None:
        """Know it already."""

    def decided(self, ids: Sequence[str], *, is_discard: bool) -> None:
        """Know it already."""


class _Lock(DatabaseLock):
    def __init__(self, held: Held, path: Path) -> None:
        super().__init__(path)
        self._is_held = True
        held.add(self.release)

    @override
    def release(self) -> None:
        if self._is_held:
            self._is_held = False
            super().release()


def _opened(held: Held, path: Path, *, volatile: bool) -> sqlite3.Connection:
    connection = open_writer(path, volatile=volatile)
    held.add(connection.close)
    return connection


class _Reader(aiosqlite.Connection):
    """A connection whose thread is the loop."""

    def __init__(self, loop: SimulatedLoop, held: Held, *connector: Any) -> None:
        super().__init__(*connector)
        self._loop = loop
        self._tx = self._thread = cast("Any", self)
        held.add(self._let_go)

    def start(self) -> None:
        """Begin the thread, which there is none of."""

    def put_nowait(self, work: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        """Execute something a little later."""
        self._loop.call_later(lag(self._loop.chance), self._work, *work)

    def _work(self, future: asyncio.Future[Any] | None, function: Callable[[], Any]) -> None:
        settle: Callable[..., None] = aiosqlite.core.set_result
        try:
            outcome = function()
        except (sqlite3.Error, ValueError) as error:
            settle, outcome = aiosqlite.core.set_exception, error
        if future is not None:
            self._loop.call_later(lag(self._loop.chance), settle, future, outcome)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Writer(SqliteWriter):
    """Says what has become durable at the instant of the commit."""

    def __init__(self, due: Due, *inner: Any) -> None:
        super().__init__(*inner)
        self._due = due

    @override
    def _transact(self, group: Sequence[Pending[Any]]) -> list[object]:
        self._due.clear()
        return super()._transact(group)

    @override
    def _timed_commit(self, connection: sqlite3.Connection) -> None:
        super()._timed_commit(connection)
        for told in self._due:
            told()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commit(CommitChanges):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[FencedError | None]:
        refused = yield from CommitChanges.steps(self, again=again)
        if refused is None:
            self.due.append(partial(self.recorder.committed, self.lease, self.changes))
        return refused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step(AppendProcess):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[Any]:
        answer = yield from AppendProcess.steps(self, again=again)
        if isinstance(answer, Appended) and not answer.repeated:
            self.due.append(partial(self.recorder.stepped, self.append.domain, self.batch))
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replay(RequestReplay):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        yield from RequestReplay.steps(self, again=again)
        self.due.append(partial(self.recorder.decided, self.ids, is_discard=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Discard(DiscardLetter):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[bool]:
        was_parked = yield from DiscardLetter.steps(self, again=again)
        if was_parked:
            self.due.append(partial(self.recorder.decided, [self.id], is_discard=True))
        return was_parked


@dataclass(frozen=True, slots=True)
class _Cancel(CancelTimer):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[bool]:
        was_set = yield from CancelTimer.steps(self, again=again)
        self.due.append(partial(self.recorder.cancelled, self.domain, self.key, self.timer_type))
        return was_set


@dataclass(frozen=True, slots=True)
class _Delete(DeleteEdition):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[Any]:
        answer = yield from DeleteEdition.steps(self, again=again)
        if answer is True:
            self.due.append(partial(self.recorder.deleted, self.domain, self.name))
        return answer


@dataclass(frozen=True, slots=True)
class _Keep(SaveSnapshot):
    due: Due
    recorder: Recorder

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        yield from SaveSnapshot.steps(self, again=again)
        self.due.append(partial(self.recorder.kept, self.domain, self.snapshot))
