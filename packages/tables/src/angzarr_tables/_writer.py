"""The one writer of a database: everything that is queued becomes one transaction."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from angzarr_append import Answer, count_appends
from angzarr_ports import Faults, Metric, MetricKind, System, shielded
from angzarr_store import (
    Batch,
    OverloadedError,
    ProcessBatch,
    StoreError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_tables._append import Append
from angzarr_tables._process import AppendProcess
from angzarr_tables._steps import Operation, Steps

ResultT = TypeVar("ResultT")

FSYNC = Metric(
    name="angzarr_fsync_seconds",
    help="How long a transaction took to be on the disk.",
    kind=MetricKind.HISTOGRAM,
)
QUEUE_DEPTH = Metric(
    name="angzarr_queue_depth",
    help="What waits in a queue.",
    kind=MetricKind.GAUGE,
    labels=("queue",),
)

GROUP_BATCHES = 256
GROUP_BYTES = 4 * 1024 * 1024
QUEUE_BATCHES = 1024
QUEUE_BYTES = 16 * 1024 * 1024
PROBE_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class Pending(Generic[ResultT]):
    """One operation that waits, with whoever waits for it; `batch` for an append."""

    answer: asyncio.Future[ResultT]
    operation: Operation[ResultT] | None = None
    batch: Batch | None = None
    domain: str = ""
    epoch: int = 0

    @property
    def size_bytes(self) -> int:
        """Return what the operation adds to a group."""
        return self.batch.size_bytes if self.batch else 512


class Writer(ABC):
    """Group commit: while one transaction runs, the next group gathers; nothing lingers."""

    def __init__(self, name: str, system: System) -> None:
        self._faults = system.faults
        self._queue: deque[Pending[Any]] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._failed = False
        self._why_not: StoreUnavailableError | None = None
        self._clock = system.clock
        self._metrics = system.metrics
        self._task = system.tasks.start(name, self._run())

    @abstractmethod
    async def _store(self, group: Sequence[Pending[Any]]) -> Sequence[object]:
        """Execute a group as one transaction; return an answer per member after its commit.

        Raises:
            StoreUnavailableError: nothing was stored, nor will anything be until `_is_ready`.
            UnknownOutcomeError: it may be stored; nothing more will be until `_is_ready`.
            InvariantError, StoreIoError, RefusedError: nobody knows, and the process must stop.
        """

    @abstractmethod
    async def _is_ready(self) -> bool:
        """Say whether a group could be stored again."""

    @abstractmethod
    async def _end(self) -> None:
        """Let go of the database."""

    async def append(self, domain: str, epoch: int, batch: Batch) -> Answer:
        """Queue a batch and return its answer."""
        pending = Pending[Answer](batch=batch, domain=domain, epoch=epoch, answer=_promise())
        if isinstance(batch, ProcessBatch):
            append = Append(domain=domain, epoch=epoch, group=[batch], faults=self._faults)
            pending.operation = AppendProcess(append=append, batch=batch, faults=self._faults)
        return await self._enqueue(pending)

    async def execute(self, operation: Operation[ResultT]) -> ResultT:
        """Queue an operation and return what it returned.

        Raises:
            StoreFullError: it was not executed, nor will anything be until there is space.
            StoreUnavailableError: it was not executed, or nobody knows.
            UnknownOutcomeError: it may have been executed.
        """
        pending = Pending[ResultT](operation=operation, answer=_promise())
        return await self._enqueue(pending)

    async def aclose(self) -> None:
        """Finish what is queued, then stop and let go of the database.

        After a failure that stays open: closing would sync again what could not be synced.
        """
        if not self._failed:
            await self._idle.wait()
        self._task.cancel()
        if not self._failed:
            await self._end()

    async def _enqueue(self, pending: Pending[ResultT]) -> ResultT:
        if self._failed:
            raise StoreUnavailableError("the writer has stopped")
        if self._why_not is not None:
            raise _copy(self._why_not)
        full = self._queued_bytes + pending.size_bytes > QUEUE_BYTES
        if full or len(self._queue) >= QUEUE_BATCHES:
            raise OverloadedError("Too many requests in flight")
        self._queue.append(pending)
        self._queued_bytes += pending.size_bytes
        self._idle.clear()
        self._wake.set()
        return await shielded(pending.answer)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._commit(self._take())
            self._idle.set()
            while self._why_not is not None:
                await self._clock.sleep(PROBE_SECONDS)
                if await self._is_ready():
                    self._why_not = None

    def _take(self) -> list[Pending[Any]]:
        group: list[Pending[Any]] = []
        size = 0
        while self._queue and len(group) < GROUP_BATCHES and size < GROUP_BYTES:
            pending = self._queue.popleft()
            size += pending.size_bytes
            group.append(pending)
        self._queued_bytes -= size
        self._metrics.set(QUEUE_DEPTH, len(group) + len(self._queue), queue="writer")
        return group

    async def _commit(self, group: list[Pending[Any]]) -> None:
        with ExitStack() as undo:
            undo.callback(self._fail, group)
            try:
                answers = await self._store(group)
            except StoreUnavailableError as error:
                self._queue.extendleft(reversed(group))
                self._interrupt(error)
            except UnknownOutcomeError as error:
                _refuse(group, UnknownOutcomeError)
                self._interrupt(StoreUnavailableError(str(error.__cause__)))
            else:
                self._count(group, answers)
                for pending, answer in zip(group, answers, strict=True):
                    _settle(pending, answer)
            undo.pop_all()

    def _fail(self, group: list[Pending[Any]]) -> None:
        """Let nobody wait for a writer that ends, whatever it ends of."""
        self._failed = True
        _refuse((*group, *self._queue), UnknownOutcomeError)

    def _count(self, group: Sequence[Pending[Any]], answers: Sequence[Any]) -> None:
        appended: dict[str, list[Answer]] = {}
        for pending, answer in zip(group, answers, strict=True):
            if pending.batch is not None:
                appended.setdefault(pending.domain, []).append(answer)
        for domain, found in appended.items():
            count_appends(self._metrics, domain, found)

    def _interrupt(self, why: StoreUnavailableError) -> None:
        """Refuse what waits, and what comes, until the database is ready again."""
        self._why_not = why
        _refuse(self._queue, lambda _: _copy(why))
        self._queue.clear()
        self._queued_bytes = 0


def group_steps(
    group: Sequence[Pending[Any]], faults: Faults, *, again: bool
) -> Steps[list[object]]:
    """Execute a group: operations in queue order, then the appends of each domain together.

    Shape: one answer per member; UnknownOutcomeError is one.
    """
    answers: list[object] = [None] * len(group)
    appends: dict[tuple[str, int], list[int]] = {}
    for at, pending in enumerate(group):
        if pending.operation is not None:
            answers[at] = yield from _settled(pending.operation, again=again)
        else:
            appends.setdefault((pending.domain, pending.epoch), []).append(at)
    for (domain, epoch), places in appends.items():
        batches = [batch for at in places if (batch := group[at].batch)]
        append = Append(domain=domain, epoch=epoch, group=batches, faults=faults)
        found = yield from append.steps(again=again)
        for at, answer in zip(places, found, strict=True):
            answers[at] = answer
    return answers


def _settled(operation: Operation[Any], *, again: bool) -> Steps[object]:
    try:
        return (yield from operation.steps(again=again))
    except UnknownOutcomeError as error:
        return error


def _promise() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


def _settle(pending: Pending[Any], answer: object) -> None:
    if pending.answer.done():
        return
    if isinstance(answer, UnknownOutcomeError):
        pending.answer.set_exception(answer)
    else:
        pending.answer.set_result(answer)


def _refuse(pending: Iterable[Pending[Any]], error_of: Callable[[str], StoreError]) -> None:
    for it in pending:
        if not it.answer.done():
            it.answer.set_exception(error_of(it.batch.command_id if it.batch else ""))


def _copy(error: StoreUnavailableError) -> StoreUnavailableError:
    """Return an error of its own for each that hears it: a raised one grows with every raise."""
    return type(error)(error.why)
