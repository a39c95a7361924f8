"""S2: a store behaves like a dictionary of lists, whatever is done to it in whatever order."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from typing_extensions import override

from angzarr_ports import real_system
from angzarr_store import (
    Appended,
    Batch,
    CommandIdReusedError,
    ConflictError,
    Event,
    Snapshot,
    Store,
    StoreConfig,
)
from angzarr_store_conformance import batch, rejection
from angzarr_store_memory import MemoryStore
from angzarr_store_sqlite import SqliteStore

EXAMPLES, LONG_EXAMPLES = 40, 1000
STEPS, LONG_STEPS = 40, 100
ROOTS = st.integers(1, 3)
IDS = st.integers(1, 12).map("c{}".format)
ResultT = TypeVar("ResultT")

pytestmark = pytest.mark.timeout(300)


class Model(RuleBasedStateMachine):
    """Commands with their first result, roots with pages and snapshot, one list of events."""

    async def open(self) -> Store:
        """Open the store as after a restart."""
        raise AssertionError("a subclass says which")

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="angzarr-model-"))
        self.runner = asyncio.Runner()
        self.system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
        self.commands: dict[str, tuple[Batch, int]] = {}
        self.log: list[tuple[str, int, int]] = []
        self.snapshots: dict[int, Snapshot] = {}
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run one call, which ends."""
        return self.runner.run(asyncio.wait_for(work, 10))

    async def _open(self) -> None:
        self.store = await self.open()
        self.events = await self.store.log("order")

    @rule(id_=IDS, root=ROOTS, off=st.sampled_from((0, 0, 0, 0, 1)), pages=st.integers(0, 3))
    def accept(self, id_: str, root: int, off: int, pages: int) -> None:
        """Append, repeat, reuse or conflict, as the dictionary says."""
        base = self._following(root) + off
        self._append(batch(id_, root=root, base=base, pages=pages), root)

    @rule(id_=IDS, root=ROOTS)
    def reject(self, id_: str, root: int) -> None:
        """Record a rejection, which is a result like any other."""
        self._append(rejection(id_, root=root, base=self._following(root)), root)

    def _append(self, made: Batch, root: int) -> None:
        first = self.commands.get(made.command_id)
        try:
            answer: object = self.run(self.events.append(made))
        except (CommandIdReusedError, ConflictError) as error:
            answer = error
        if first is not None and first[0].key != made.key:
            assert isinstance(answer, CommandIdReusedError)
        elif first is not None:
            self._check(answer, *first, repeated=True)
        elif made.base != self._following(root):
            assert isinstance(answer, ConflictError)
            assert answer.actual == self._following(root)
        else:
            self.commands[made.command_id] = made, len(self.log)
            self._check(answer, made, len(self.log), repeated=False)
            for at in range(len(made.pages)):
                self.log.append((made.command_id, root, made.base + at))

    def _check(self, answer: object, made: Batch, head: int, *, repeated: bool) -> None:
        assert isinstance(answer, Appended)
        assert (answer.repeated, answer.row.status) == (repeated, made.status)
        assert (answer.row.first_sequence, answer.row.count) == (made.base, len(made.pages))
        assert answer.row.first_position == head + bool(made.pages)
        assert len(answer.pages) == len(made.pages)

    @rule()
    def reopen(self) -> None:
        """Close the store and open it again."""
        self.run(self.store.aclose())
        self.run(self._open())

    @rule(id_=IDS, root=ROOTS)
    def recall(self, id_: str, root: int) -> None:
        """A recorded command is found, with where its root goes on."""
        found, following = self.run(self.events.recall(id_, batch(id_, root=root).key))

        assert following == self._following(root)
        assert (found is None) == (id_ not in self.commands)

    @rule(root=ROOTS)
    def read_root(self, root: int) -> None:
        """A root is its own events, in order."""
        read = self.run(self.events.read_root(batch("x", root=root).key, limit_bytes=None))

        assert _said(read) == [it for it in self.log if it[1] == root]
        flow = self.run(
            self.events.read_correlation(
                f"flow-{root}", "angzarr", after=0, limit=1000, limit_bytes=1 << 30
            )
        )
        assert _said(flow) == _said(read)

    @rule(root=ROOTS, below=st.integers(0, 3))
    def save_snapshot(self, root: int, below: int) -> None:
        """The latest state of stored events is kept; one of no event is not."""
        key, sequence = batch("x", root=root).key, self._following(root) - below
        snapshot = Snapshot(key=key, sequence=sequence, state=b"%d" % sequence)
        self.run(self.events.save_snapshot(snapshot))
        kept = self.snapshots.get(root)
        if below and sequence >= 0 and (kept is None or sequence > kept.sequence):
            self.snapshots[root] = snapshot

    @rule(root=ROOTS)
    def drop_snapshot(self, root: int) -> None:
        """It is gone, and any other may come."""
        self.run(self.events.drop_snapshot(batch("x", root=root).key))
        self.snapshots.pop(root, None)

    @rule(root=ROOTS)
    def read_snapshot(self, root: int) -> None:
        """It covers what it says, no event more and none less."""
        found = self.run(self.events.snapshot(batch("x", root=root).key))

        assert found == self.snapshots.get(root), "another snapshot"

    @rule(after=st.integers(0, 40), limit=st.integers(1, 5))
    def read_feed(self, after: int, limit: int) -> None:
        """A page of the feed begins behind `after`, has no hole, and ends with an append."""
        self._read_feed(after % (len(self.log) + 1), limit)

    @invariant()
    def head(self) -> None:
        """The head counts the events, and the feed goes on from the middle of them."""
        assert self.run(self.events.head()).position == len(self.log)
        self._read_feed(len(self.log) // 2, 1)

    def _read_feed(self, after: int, limit: int) -> None:
        page = self.run(self.events.read_feed(after=after, limit=limit, limit_bytes=1 << 20))
        count = len(page.events)

        assert _said(page.events) == self.log[after : after + count]
        assert [it.position for it in page.events] == list(range(after + 1, after + count + 1))
        assert count > 0 or after == len(self.log)
        following = self.log[after + count][0] if after + count < len(self.log) else ""
        assert not count or page.events[-1].command_id != following

    def _following(self, root: int) -> int:
        return sum(1 for it in self.log if it[1] == root)

    @override
    def teardown(self) -> None:
        """Leave nothing behind."""
        self.run(self.store.aclose())
        self.run(self.system.tasks.aclose())
        self.runner.close()
        shutil.rmtree(self.directory)


def _said(events: Any) -> list[tuple[str, int, int]]:
    def told(event: Event) -> tuple[str, int, int]:
        return event.command_id, int.from_bytes(event.key.root, "big"), event.sequence

    return [told(event) for event in events]


class MemoryModel(Model):
    """The reference."""

    @override
    async def open(self) -> Store:
        """Keep the rows."""
        old = getattr(self, "store", None)
        if isinstance(old, MemoryStore):
            return old.reopen()
        return await MemoryStore.open(StoreConfig(url="", component="order"), self.system)


class SqliteModel(Model):
    """One file."""

    @override
    async def open(self) -> Store:
        """Open the file."""
        config = StoreConfig(url=str(self.directory), component="order", volatile=True)
        return await SqliteStore.open(config, self.system)


@pytest.mark.parametrize("model", [MemoryModel, SqliteModel], ids=["memory", "sqlite"])
def test_a_store_behaves_like_its_model(model: type[Model], planted: str, *, is_long: bool) -> None:
    """Every answer and every read is that of the dictionary."""
    chosen = settings(
        max_examples=LONG_EXAMPLES if is_long else EXAMPLES,
        stateful_step_count=LONG_STEPS if is_long else STEPS,
        deadline=None,
        database=None,
        phases=tuple(Phase) if planted == "-" else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(model, settings=chosen)
    print(f"model x {model.__name__}: {EXAMPLES} x {STEPS}")  # noqa: T201 - the count matrix
