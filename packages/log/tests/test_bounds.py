"""A query holds a piece of its answer at a time, however long the answer is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from angzarr.types_pb2 import EventPage, Query
from angzarr_log._queries import PIECE_BYTES, Queries
from angzarr_ports import real_system
from angzarr_store import Batch, Event, RootKey, StoreConfig
from angzarr_store_memory import MemoryStore

PAGE_BYTES = 300_000
FLOW, OTHER = "flow", "other"


class NotingLog:
    """A log that notes how many bytes each read returned."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.sizes: list[int] = []

    @property
    def domain(self) -> str:
        """Return the domain."""
        return str(self.inner.domain)

    async def read_root(self, key: RootKey, **limits: Any) -> list[Event]:
        """Read and note."""
        return self._noted(await self.inner.read_root(key, **limits))

    async def read_correlation(self, *wanted: str, **limits: Any) -> list[Event]:
        """Read and note."""
        return self._noted(await self.inner.read_correlation(*wanted, **limits))

    def _noted(self, events: list[Event]) -> list[Event]:
        self.sizes.append(sum(len(event.page or b"") for event in events))
        return events


@pytest.fixture
async def log() -> AsyncIterator[NotingLog]:
    """Return a log with 12 large events on two roots; every fourth belongs to another workflow."""
    system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
    store = await MemoryStore.open(StoreConfig(url="", component="order"), system)
    inner = await store.log("order")
    for number in range(12):
        page = EventPage(num=number // 2)
        page.event.value = bytes(PAGE_BYTES)
        batch = Batch(
            command_id=f"c{number}",
            key=RootKey(edition="angzarr", root=bytes([number % 2 + 1]) * 16),
            type_url="type.googleapis.com/x",
            base=number // 2,
            pages=(page.SerializeToString(),),
            correlation_id=OTHER if number % 4 == 2 else FLOW,
            created_at="2026-01-01T00:00:00Z",
        )
        await inner.append(batch)
    yield NotingLog(inner)
    await store.aclose()


def asked(*, root: int = 0) -> Query:
    """Return a query by root, or by the workflow."""
    query = Query()
    query.cover.domain = "order"
    if root:
        query.cover.root.value = bytes([root]) * 16
    else:
        query.cover.correlation_id = FLOW
    return query


@pytest.mark.parametrize(
    ("root", "numbers"),
    [
        (0, [(1, 0), (1, 2), (1, 4), *((2, it) for it in range(6))]),
        (2, [(2, it) for it in range(6)]),
    ],
)
async def test_n42_no_read_of_a_query_exceeds_a_piece(
    log: NotingLog, root: int, numbers: list[tuple[int, int]]
) -> None:
    """Every page comes once, root by root, and nothing that was not asked for."""
    queries: Any = Queries(log, limit_bytes=4 * PIECE_BYTES)  # type: ignore[arg-type]  # what it reads
    books = [book async for book in queries.GetEvents(asked(root=root), None)]

    assert [(it.cover.root.value[0], page.num) for it in books for page in it.pages] == numbers
    assert max(book.ByteSize() for book in books) <= PIECE_BYTES
    assert PAGE_BYTES < max(log.sizes) <= PIECE_BYTES
