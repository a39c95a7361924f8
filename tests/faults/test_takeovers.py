"""S9 for stores: whoever was paused and replaced stores nothing, and is told so."""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from angzarr_ports import System
from angzarr_store import Appended, Batch, FencedError
from angzarr_store_conformance import batch

from .owners import SUBSCRIBER, Owner

ROUNDS, LONG_ROUNDS = 200, 10_000
LOG_BYTES = 1 << 20

pytestmark = pytest.mark.timeout(1800)


class Truth:
    """What was told to be stored: the commands in order, and where the subscription is."""

    def __init__(self, chance: random.Random) -> None:
        self.accepted: list[Batch] = []
        self.checkpoint = 0
        self._chance = chance
        self._serial = 0

    def command(self) -> Batch:
        """Return a new command that is right about its root."""
        self._serial += 1
        root = self._chance.randint(1, 3)
        made = batch(f"c{self._serial}", root=root, pages=self._chance.randint(1, 3))
        return self.based(made)

    def based(self, command: Batch) -> Batch:
        """Return a command as it is right now."""
        root = int.from_bytes(command.key.root, "big")
        base = sum(len(it.pages) for it in self.accepted if it.key == command.key)
        return batch(command.command_id, root=root, base=base, pages=len(command.pages))

    async def stored(self, owner: Owner, command: Batch) -> None:
        """Have the owner store a command."""
        answer = await owner.append(command)
        assert isinstance(answer, Appended)
        assert not answer.repeated
        self.accepted.append(command)

    async def advanced(self, owner: Owner) -> None:
        """Have the owner move its checkpoint."""
        assert await owner.advance(self.checkpoint, self.checkpoint + 1) is None
        self.checkpoint += 1


async def test_who_was_replaced_stores_nothing(
    scratch: Path, system: System, seed: int, *, is_long: bool
) -> None:
    """Paused before a transaction, replaced, resumed: fenced, but for what was stored before."""
    rounds, fenced = 0, 0
    while rounds < (LONG_ROUNDS if is_long else ROUNDS):
        directory = scratch / str(rounds)
        directory.mkdir(mode=0o700)
        chance = random.Random(f"{seed}-{rounds}")
        taken, told = await succession(directory, system, chance)
        rounds, fenced = rounds + taken, fenced + told

    assert fenced >= rounds
    print(f"takeover x store: {rounds} rounds, {fenced} fenced")  # noqa: T201 - the count matrix


async def succession(directory: Path, system: System, chance: random.Random) -> tuple[int, int]:
    """Let two to four owners follow each other; return the takeovers and who was told of them."""
    truth, fenced, takeovers = Truth(chance), 0, chance.randint(1, 3)
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(Owner.opened(directory, system))
        await truth.stored(owner, truth.command())
        for _ in range(takeovers):
            before = owner
            before.gate.clear()
            late = [truth.command() for _ in range(chance.randint(1, 3))]
            async with asyncio.TaskGroup() as group:
                answers = [group.create_task(before.append(it)) for it in late]
                again = group.create_task(before.append(chance.choice(truth.accepted)))
                moved = group.create_task(before.advance(truth.checkpoint, truth.checkpoint + 2))
                owner = await stack.enter_async_context(Owner.opened(directory, system))
                await truth.stored(owner, truth.command())
                await truth.advanced(owner)
                before.gate.set()
            told = [it.result() for it in answers]
            assert all(isinstance(it, FencedError) for it in told), told
            assert isinstance(again.result(), Appended), "a stored command has a result for ever"
            assert isinstance(moved.result(), FencedError), (
                "who lost the lease moved the checkpoint"
            )
            for command in late:
                await truth.stored(owner, truth.based(command))
            fenced += len(late)
        await check(owner, truth)
    return takeovers, fenced


async def check(owner: Owner, truth: Truth) -> None:
    """Compare the log with what was told, and its epochs with the order of the owners."""
    page = await owner.log.read_feed(after=0, limit=10_000, limit_bytes=LOG_BYTES)
    ids = [it.command_id for it in page.events]
    rows = [(await owner.log.recall(it.command_id, it.key))[0] for it in truth.accepted]
    epochs = [it.row.epoch for it in rows if it is not None]
    lease = await owner.ledger.acquire(SUBSCRIBER, "order")

    assert ids == [it.command_id for it in truth.accepted for _ in it.pages]
    assert [it.position for it in page.events] == list(range(1, len(ids) + 1))
    assert epochs == sorted(epochs), "the epoch decreases"
    assert lease.position == truth.checkpoint, "the checkpoint was moved by two owners"
