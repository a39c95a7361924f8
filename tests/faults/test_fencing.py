"""S9 for subscribers: one owner; who was paused and replaced stores nothing more."""

from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from . import stores
from .process import Process, until
from .subscribing import NAMES, Chain
from .system import free_port

REFUSED, FENCED, SHARING = 78, 75, -1
ROUNDS, LONG_ROUNDS = 1, 20

pytestmark = pytest.mark.timeout(900)
each_kind = pytest.mark.parametrize("kind", NAMES)


@each_kind
async def test_a_second_coordinator_refuses(scratch: Path, kind: str) -> None:
    """The database has an owner, running or paused: exit 78 names the lock."""
    chain = Chain(scratch, kind, {})
    async with chain.running():
        await chain.order("one", bytes(16))
        await chain.until_done()
        second = await chain.another("second.sock").start()
        codes = [await second.ended()]
        chain.subscriber.signal(SIGSTOP)
        third = await chain.another("third.sock").start()
        codes.append(await third.ended())
        chain.subscriber.signal(SIGCONT)
        await chain.order("two", bytes(16))
        await chain.until_done()
        is_running = chain.subscriber.is_running

    assert (codes, is_running) == ([REFUSED, REFUSED], True)
    assert "another process owns this database" in second.output
    assert [word for _, word in chain.logic.seen] == ["one", "two"]


@each_kind
async def test_who_was_replaced_stores_nothing(scratch: Path, kind: str, *, is_long: bool) -> None:
    """Paused in the middle of an event, replaced without its lock, resumed: exit 75, one effect."""
    for number in range(LONG_ROUNDS if is_long else ROUNDS):
        directory = scratch / str(number)
        directory.mkdir(mode=0o700)
        chain = Chain(directory, kind, {})
        await replaced(chain)


async def replaced(chain: Chain) -> None:
    """Take a subscription over from a paused owner, and let that one go on."""
    root = bytes([1]) * 16
    async with chain.running():
        await chain.order("one", root)
        await chain.until_done()
        chain.logic.gate.clear()
        await chain.order("two", root)
        await until(lambda: seen(chain, "two", 1))
        chain.subscriber.signal(SIGSTOP)
        chain.subscriber.database.with_suffix(".db.lock").unlink()
        second = await chain.another("second.sock").start()
        await until(lambda: seen(chain, "two", 2))
        chain.logic.gate.set()
        await chain.until_done()
        place = chain.checkpoint()
        chain.subscriber.signal(SIGCONT)
        code = await chain.subscriber.ended()
        after, effects = chain.checkpoint(), chain.effects(root)
        await second.end()

    assert (code, after) == (FENCED, place), chain.subscriber.output
    assert effects[-1:] == [1]
    if chain.kind == "saga":
        rows = stores.rows(chain.aggregates[1].database, stores.COMMAND_IDS, "stock")
        assert len(rows) == 2


async def seen(chain: Chain, word: str, times: int) -> bool:
    """Say whether logic was asked about a word so often."""
    return [it for _, it in chain.logic.seen].count(word) >= times


@pytest.mark.parametrize("kind", ["gateway", "coordinator-aggregate", "coordinator-saga"])
async def test_a_port_is_never_shared(scratch: Path, kind: str) -> None:
    """Who is to listen on a port of somebody else refuses: exit 78 names the address."""
    address = f"127.0.0.1:{free_port()}"
    found = await both(scratch, kind, address)

    assert (found.code, found.first_stays) == (REFUSED, True), found.output
    assert address in found.output


@pytest.mark.parametrize("kind", ["gateway", "coordinator-aggregate", "coordinator-saga"])
async def test_a_socket_is_never_taken_over(scratch: Path, kind: str) -> None:
    """A socket on which somebody answers is his: exit 78 names it, and he keeps it."""
    path = scratch / "shared.sock"
    found = await both(scratch, kind, f"unix:{path}")

    assert (found.code, found.first_stays) == (REFUSED, True), found.output
    assert str(path) in found.output


@pytest.mark.parametrize("kind", ["gateway", "coordinator-aggregate"])
async def test_a_socket_that_nobody_serves_is_replaced(scratch: Path, kind: str) -> None:
    """What a killed process left behind blocks no start."""
    first = await serving(scratch, kind, "first", f"unix:{scratch / 'shared.sock'}")
    await first.end()
    is_left = (scratch / "shared.sock").exists()
    second = await serving(scratch, kind, "second", f"unix:{scratch / 'shared.sock'}")
    is_running = second.is_running
    await second.end()

    assert (is_left, is_running) == (True, True), second.output


class Found:
    """What became of two processes that were told the same address."""

    def __init__(self, code: int, output: str, *, first_stays: bool) -> None:
        self.code = code
        self.output = output
        self.first_stays = first_stays


async def both(directory: Path, kind: str, address: str) -> Found:
    """Start a process at an address, and another one at the same."""
    first = await serving(directory, kind, "first", address)
    second = made(directory, kind, "second", address)
    await second.start()
    try:
        code = await second.ended(20)
    except TimeoutError:
        code = SHARING
        await second.end()
    stays = first.is_running and await answers(address)
    await first.end()
    return Found(code, second.output, first_stays=stays)


def made(directory: Path, kind: str, name: str, address: str) -> Process:
    """Return a process that has nothing in common with another but its address."""
    inputs = ['--component.inputs=["order"]'] if kind == "coordinator-saga" else []
    process = Process(directory, kind, name, "--component.domain=order", *inputs)
    process.address = address
    return process


async def serving(directory: Path, kind: str, name: str, address: str) -> Process:
    """Start a process and wait until it answers."""
    process = await made(directory, kind, name, address).start()

    async def is_there() -> bool:
        return not process.is_running or await answers(address)

    await until(is_there)
    return process


async def answers(address: str) -> bool:
    """Say whether the process at an address says that it is alive."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        try:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            await stub.Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.aio.AioRpcError:
            return False
    return True
