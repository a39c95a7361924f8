"""S15: one process drains; what it has committed is answered before it ends."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from signal import SIGTERM

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.types_pb2 import CommandBook

from .adversary import Adversary
from .process import Process, until

CLIENTS = 32
ROUNDS, LONG_ROUNDS = 3, 30
UNSETTLED = {"UNAVAILABLE", "CANCELLED"}
DRAINED = 0

pytestmark = pytest.mark.timeout(600)


class Callers:
    """Clients that never repeat; they remember which commands were answered, and how."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._name = name
        self.accepted: list[str] = []
        self.unanswered: dict[str, str] = {}

    async def run(self, number: int) -> None:
        """Send commands to a root of one's own until one is not accepted."""
        root = f"{self._name}{number}".encode().rjust(16, b"-")
        async with grpc.aio.insecure_channel(self._process.address) as channel:
            stub = AggregateCoordinatorStub(channel)
            for sequence in range(100_000):
                id_ = f"{self._name}-{number}-{sequence}"
                book = CommandBook.to("order", root, StringValue(value="good"), sequence=sequence)
                book.command_id = id_
                try:
                    await stub.Handle(book, timeout=20, wait_for_ready=not sequence)
                except grpc.aio.AioRpcError as error:
                    self.unanswered[id_] = error.code().name
                    return
                self.accepted.append(id_)


async def test_a_drain_answers_what_it_commits(scratch: Path, *, is_long: bool) -> None:
    """No command is stored whose sender heard anything but its acceptance; the exit code is 0."""
    process = Process(scratch, "coordinator-aggregate", "order", "--component.domain=order")
    logic = Adversary(process.logic)
    await logic.start()
    codes, accepted, unanswered = [], list[str](), dict[str, str]()
    for number in range(LONG_ROUNDS if is_long else ROUNDS):
        callers = Callers(process, f"r{number}")
        await process.start()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for client in range(CLIENTS):
                group.create_task(callers.run(client))
            await until(partial(has_answers, callers))
            codes.append(await process.end(SIGTERM))
        accepted += callers.accepted
        unanswered |= callers.unanswered
    await logic.stop()
    with closing(sqlite3.connect(process.database)) as it:
        stored = {row[0] for row in it.execute("SELECT command_id FROM commands")}

    assert set(codes) == {DRAINED}
    assert stored & unanswered.keys() == set(), unanswered
    assert stored == set(accepted)
    assert set(unanswered.values()) <= UNSETTLED
    assert len(unanswered) == CLIENTS * len(codes)


async def has_answers(callers: Callers) -> bool:
    """Say whether the load is under way."""
    return len(callers.accepted) >= 5 * CLIENTS
