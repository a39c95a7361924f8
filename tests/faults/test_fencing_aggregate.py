"""S9 for aggregates: who was paused in the middle of a command and replaced stores nothing more."""

import asyncio
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import grpc
import pytest
from typing_extensions import override

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.types_pb2 import CommandBook, ContextualCommand
from angzarr_history import Dumped

from . import stores
from .adversary import Adversary, Reply
from .process import Process, until
from .single import FAST, command, settle

FENCED_EXIT = 75
ROUNDS, LONG_ROUNDS = 2, 50
OPTIONS = [*FAST, ("grpc.enable_retries", 0)]
LATE, OTHER = command("order", 1, 0), command("order", 2, 0)

pytestmark = pytest.mark.timeout(1800)


class HeldLogic(Adversary):
    """Good logic that answers when its gate is open."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, is_honest=True)
        self.gate = asyncio.Event()
        self.asked = 0

    @override
    async def _handle(self, request: ContextualCommand, context: Any) -> Reply:
        self.asked += 1
        await self.gate.wait()
        return await super()._handle(request, context)


async def test_who_was_replaced_stores_nothing(scratch: Path, *, is_long: bool) -> None:
    """Paused while logic decides, replaced without its lock, resumed: exit 75, one event."""
    for number in range(LONG_ROUNDS if is_long else ROUNDS):
        directory = scratch / str(number)
        directory.mkdir(mode=0o700)
        told, code, stored = await replaced(directory)

        assert code == FENCED_EXIT
        assert told == "Coordinator of domain order is fenced: epoch 1 is superseded"
        assert [it.command_id for it in stored.events] == [OTHER.command_id, LATE.command_id]
        assert {it.epoch for it in stored.commands} == {2}


async def replaced(directory: Path) -> tuple[str, int, Dumped]:
    """Take a domain over from a paused coordinator, and let that one go on.

    Return what its client was told, its exit code, and what is stored once the command came again.
    """
    first, second = coordinator(directory, "first"), coordinator(directory, "second")
    logic = HeldLogic(first.logic)
    await logic.start()
    await first.start()
    late = asyncio.ensure_future(answer(first, LATE))
    await until(lambda: asked(logic, 1))
    first.signal(SIGSTOP)
    first.database.with_suffix(".db.lock").unlink()
    await second.start()
    logic.gate.set()
    await settled(second, OTHER)
    first.signal(SIGCONT)
    told, code = await late, await first.ended()
    await settled(second, LATE)
    stored = stores.dump(first.database, "order")
    await second.end()
    await logic.stop()
    return told, code, stored


def coordinator(directory: Path, socket: str) -> Process:
    """Return a coordinator of the one domain, at a socket of its own."""
    made = Process(directory, "coordinator-aggregate", "order", "--component.domain=order")
    made.address = f"unix:{directory / socket}.sock"
    return made


async def asked(logic: HeldLogic, times: int) -> bool:
    """Say whether logic was asked so often."""
    return logic.asked >= times


async def settled(process: Process, book: CommandBook) -> None:
    """Have a coordinator accept a command."""
    async with grpc.aio.insecure_channel(process.address, options=OPTIONS) as channel:
        await settle(AggregateCoordinatorStub(channel).Handle, book)


async def answer(process: Process, book: CommandBook) -> str:
    """Return why a coordinator refuses a command that is sent once."""
    async with grpc.aio.insecure_channel(process.address, options=OPTIONS) as channel:
        try:
            await AggregateCoordinatorStub(channel).Handle(book, timeout=60, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            return str(error.details())
    return "OK"
