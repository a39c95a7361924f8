"""SIGKILL of the coordinator, as a process with SQLite and pipes, under load."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub, add_AggregateServicer_to_server
from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.types_pb2 import CommandBook

COMMANDS = 500
UNSETTLED = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
CLIENTS = 16
FAST = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 100),
]


class Coordinator:
    """The console script with its own database, pipes and socket."""

    def __init__(self, directory: Path) -> None:
        self.address = f"unix:{directory / 'order.sock'}"
        self._command = [
            str(Path(sys.executable).with_name("angzarr-coordinator-aggregate")),
            f"--listen={self.address}",
            "--component.name=order",
            "--component.domain=order",
            f"--component.logic=unix:{directory / 'logic.sock'}",
            f"--store.url={directory / 'store'}",
            "--store.durability=volatile",
            f"--bus.url={directory}",
            "--shutdown.drain_seconds=1",
        ]

    async def start(self) -> None:
        """Start the process."""
        self.process = await asyncio.create_subprocess_exec(
            *self._command, env={"PATH": os.defpath}, stderr=subprocess.DEVNULL
        )

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(20):
            return await self.process.wait()


@pytest.fixture
async def coordinator(run_directory: Path, bare_logic: Any) -> Any:
    """Start logic and coordinator; leave neither behind."""
    logic = grpc.aio.server()
    add_AggregateServicer_to_server(bare_logic, logic)
    logic.add_insecure_port(f"unix:{run_directory / 'logic.sock'}")
    await logic.start()
    made = Coordinator(run_directory)
    await made.start()
    yield made
    if made.process.returncode is None:
        await made.end(signal.SIGKILL)
    await logic.stop(None)


async def until_answered(stub: Any, book: CommandBook) -> int:
    """Send a command with its id until it is accepted; return its position."""
    while True:
        try:
            response = await stub.Handle(book, timeout=5, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            if error.code() not in UNSETTLED:
                raise
        else:
            return int(response.position)


@pytest.mark.timeout(90)
async def test_a_killed_coordinator_loses_and_repeats_nothing(coordinator: Any) -> None:
    """500 commands over three SIGKILLs: each is stored once, positions 1..N without a hole."""
    channel = grpc.aio.insecure_channel(coordinator.address, options=FAST)
    stub = AggregateCoordinatorStub(channel)
    positions: dict[str, int] = {}

    async def client(number: int) -> None:
        for sequence in range(COMMANDS // CLIENTS):
            id_ = f"c-{number}-{sequence}"
            book = CommandBook.to(
                "order", bytes([number]) * 16, StringValue(value=id_), sequence=sequence
            )
            book.command_id = id_
            positions[id_] = await until_answered(stub, book)

    async def killer() -> None:
        for share in (1, 2, 3):
            async with asyncio.timeout(20):
                while len(positions) < COMMANDS * share // 4:
                    await asyncio.to_thread(os.sched_yield)
            await coordinator.end(signal.SIGKILL)
            await coordinator.start()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(killer())
        for number in range(CLIENTS):
            group.create_task(client(number))
    feed = EventFeedStub(channel).Read(FeedRequest(domain="order"))
    pages = [page async for batch in feed for book in batch.books for page in book.pages]
    await channel.close()

    assert [page.position for page in pages] == list(range(1, len(pages) + 1))
    assert {page.command_id: page.position for page in pages} == positions
    assert len(pages) == len(positions) == COMMANDS // CLIENTS * CLIENTS


async def test_a_stopped_coordinator_drains(coordinator: Any) -> None:
    """SIGTERM ends the process with exit code 0 and frees its lock for the next one."""
    channel = grpc.aio.insecure_channel(coordinator.address, options=FAST)
    stub = AggregateCoordinatorStub(channel)
    book = CommandBook.to("order", bytes(16), StringValue(value="hello"))
    book.command_id = "c-1"
    await until_answered(stub, book)

    code = await coordinator.end(signal.SIGTERM)
    await coordinator.start()

    assert code == 0
    async with asyncio.timeout(20):
        assert await until_answered(stub, book) == 1
    await channel.close()
