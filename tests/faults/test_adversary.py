"""S12: whatever logic does, nothing of it is stored, the root stays healthy, the next one works."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.types_pb2 import CommandBook, CommandResponse

from .adversary import ACCEPTED, IMPOSTORS, REFUSED, SECRET, Adversary, Impostor
from .process import Process, until

LONGEST_STATUS = 4096 + 1024 + 512
FAST = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 100),
]

pytestmark = pytest.mark.timeout(120)


class Bench:
    """A coordinator process of `order`, beside logic that a test chooses."""

    def __init__(self, directory: Path, bus: str) -> None:
        self.process = Process(
            directory,
            "coordinator-aggregate",
            "order",
            "--component.domain=order",
            f"--bus.kind={bus}",
            "--logic_deadline=1",
        )
        self.logic = Adversary(self.process.logic)
        self.stub: Any = None

    async def send(self, word: str, root: bytes, sequence: int = 0, id_: str = "") -> Any:
        """Send one command; return the response, or the error."""
        book = CommandBook.to("order", root, StringValue(value=word), sequence=sequence)
        book.command_id = id_ or str(uuid.uuid4())
        try:
            return await self.stub.Handle(book, timeout=15, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            return error

    async def good(self, root: bytes, sequence: int) -> None:
        """Send good commands until one is accepted: logic may have been away until now."""

        async def is_accepted() -> bool:
            found = await self.send("good", root, sequence)
            return isinstance(found, CommandResponse) and found.events.pages[0].num == sequence

        await until(is_accepted)

    def stored(self, root: bytes) -> list[tuple[int, int, str, str]]:
        """Return number, position, command and edition of every stored event of a root."""
        statement = """SELECT sequence, position, command_id, edition FROM events
                       WHERE root = ? ORDER BY sequence"""
        with closing(sqlite3.connect(f"file:{self.process.database}?mode=ro", uri=True)) as it:
            return it.execute(statement, (root,)).fetchall()


@pytest.fixture(params=["ipc", "channel"])
async def bench(scratch: Path, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Start logic and coordinator with either bus; leave neither behind."""
    made = Bench(scratch, request.param)
    await made.logic.start()
    await made.process.start()
    async with grpc.aio.insecure_channel(made.process.address, options=FAST) as channel:
        made.stub = AggregateCoordinatorStub(channel)
        yield made
    if made.process.is_running:
        await made.process.end()
    await made.logic.stop()


async def test_nothing_that_bad_logic_answers_is_stored(bench: Bench) -> None:
    """Each bad answer is an error of its own command only; the root goes on where it was."""
    found = {}
    for number, word in enumerate(REFUSED):
        root = number.to_bytes(16, "big")
        await bench.good(root, 0)
        found[word] = await bench.send(word, root, 1)
        assert not isinstance(found[word], CommandResponse), f"{word} was accepted"
        await bench.good(root, 1)
        numbers = [row[0] for row in bench.stored(root)]
        assert (word, numbers) == (word, [0, 1])

    assert bench.process.is_running
    assert len(REFUSED) >= 25
    for word, error in found.items():
        size = len(error.details()) + sum(len(it[1]) for it in error.trailing_metadata())
        assert (word, size <= LONGEST_STATUS) == (word, True)
        assert SECRET not in f"{error.details()} {error.trailing_metadata()}"
    assert SECRET not in bench.process.output


async def test_what_logic_may_not_decide_is_overwritten(bench: Bench) -> None:
    """Position, id, time and edition of a page are the coordinator's, whatever logic says."""
    position = 0
    for number, word in enumerate(ACCEPTED):
        root = number.to_bytes(16, "big")
        response = await bench.send(word, root, 0, f"c-{number}")
        again = await bench.send(word, root, 0, f"c-{number}")
        pages = len(response.events.pages)
        await bench.good(root, pages)
        rows = bench.stored(root)
        ids = [row[2] for row in rows]

        assert again == response
        assert [row[0] for row in rows] == list(range(pages + 1))
        assert [row[1] for row in rows] == list(range(position + 1, position + len(rows) + 1))
        assert {row[3] for row in rows} == {"angzarr"}
        assert (ids[:-1], bench.logic.calls[word]) == ([f"c-{number}"] * pages, 1)
        position += len(rows)


@pytest.mark.parametrize("manner", IMPOSTORS)
async def test_an_impostor_in_the_place_of_logic_stores_nothing(bench: Bench, manner: str) -> None:
    """A peer that speaks no HTTP/2 costs a definite error in time; logic that returns is used."""
    root = bytes(16)
    await bench.good(root, 0)
    await bench.logic.stop()
    impostor = Impostor(bench.process.logic, manner)
    await impostor.start()
    async with asyncio.timeout(30):
        error = await bench.send("good", root, 1, "lost")
    await impostor.stop()
    bench.logic = Adversary(bench.process.logic)
    await bench.logic.start()
    await bench.good(root, 1)

    assert impostor.connections > 0
    assert error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
    assert "lost" not in [row[2] for row in bench.stored(root)]
    assert bench.process.is_running


async def test_a_hanging_root_holds_up_no_other(bench: Bench) -> None:
    """While logic hangs on one root, the commands of the others are answered."""
    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(bench.send("hang", bytes(16)))
        await until(lambda: _is_called(bench))
        await bench.good(bytes([1]) * 16, 0)
        is_first = not hanging.done()

    assert is_first
    assert hanging.result().code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def _is_called(bench: Bench) -> bool:
    return bench.logic.calls["hang"] > 0
