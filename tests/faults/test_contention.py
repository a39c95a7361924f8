"""S7 at the store: nothing but the append decides who comes first."""

import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from angzarr_ports import real_system
from angzarr_store import Appended, Batch, ConflictError, EventLog, StoreConfig
from angzarr_store_conformance import batch
from angzarr_store_sqlite import SqliteStore

WRITERS, APPENDS, LONG_APPENDS = 32, 20, 2000

pytestmark = pytest.mark.timeout(300)


class Writer:
    """Appends again and again; a conflict tells it where its root goes on."""

    def __init__(self, name: str, log: EventLog, *, roots: int) -> None:
        self.told: list[tuple[Batch, Appended]] = []
        self._name = name
        self._log = log
        self._roots = roots
        self._next: Counter[int] = Counter()

    async def write(self, count: int) -> None:
        """Append until so many were accepted, to one root after the other."""
        for number in range(count):
            await self._append(f"{self._name}-{number}", 1 + number % self._roots)

    async def _append(self, id_: str, root: int) -> None:
        while True:
            made = replace(batch(id_, root=root), base=self._next[root])
            try:
                answer = await self._log.append(made)
            except ConflictError as error:
                self._next[root] = error.actual
            else:
                self._next[root] = made.base + 1
                return self.told.append((made, answer))


@pytest.mark.parametrize("roots", [1, 100])
async def test_the_append_alone_decides(scratch: Path, roots: int, *, is_long: bool) -> None:
    """Every writer in one group, no lanes before it: each append has a place of its own."""
    failures: list[BaseException] = []
    system = real_system(lambda _, error: failures.append(error))
    config = StoreConfig(url=str(scratch), component="order")
    async with aclosing(system.tasks), aclosing(await SqliteStore.open(config, system)) as store:
        log = await store.log("order")
        writers = [Writer(f"w{number}", log, roots=roots) for number in range(WRITERS)]
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.write(LONG_APPENDS if is_long else APPENDS))
        head = await log.head()
        page = await log.read_feed(after=0, limit=head.position, limit_bytes=1 << 30)

    places = {(it.key, it.sequence) for it in page.events}
    stored = {it.command_id: it.position for it in page.events}
    told = {made.command_id: it.row.first_position for w in writers for made, it in w.told}
    assert failures == []
    assert [it.position for it in page.events] == list(range(1, head.position + 1))
    assert len(places) == len(page.events)
    assert stored == told
