"""S4: a subscriber that dies while an event is parked, replayed or taken back."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.dead_letter_pb2 import ReplayDeadLettersRequest
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr.types_pb2 import CommandBook, SagaResponse
from angzarr_store import BEHIND, Letter, LetterState, ReactionState

from .adversary import Adversary
from .process import endpoints, until
from .single import FAST, KILLED, NOWHERE, Component, ended
from .stores import COMMAND_IDS, backlog, dump, head, lease, rows
from .subscribing import NAMES, Answer, SubscriberLogic
from .test_adversary_subscribers import failing

PARKING = ("Q9:1", "Q9:2", "Q5:1", "Q6:1")
REPLAYING = ("Q13:1", "Q3:1", "Q13:1", "Q6:1")
TAKING_BACK = ("Q11:1", "Q12:1", "Q7:1", "Q7:2", "Q6:2")
REFUSED = "answer FAILED_PRECONDITION"
POISON, GOOD, LAST = "poison", "good", bytes([255]) * 16

pytestmark = pytest.mark.timeout(600)


class Line:
    """Orders, stock, and one subscriber that dies; each has logic of the test's own."""

    def __init__(
        self, directory: Path, kind: str, answers: dict[str, Answer], planted: str
    ) -> None:
        self.kind, self.name, self.answers = kind, NAMES[kind], answers
        self.aggregates = [
            Component(directory, "aggregate", it, planted=planted) for it in ("order", "stock")
        ]
        self.part = Component(
            directory,
            kind,
            self.name,
            '--component.inputs=["order"]',
            "--delivery.attempts=1",
            endpoints({it.name: it.address for it in self.aggregates}),
            planted=planted,
        )
        self._logics: list[Any] = [
            Adversary(self.aggregates[0].logic, is_honest=True),
            Adversary(self.aggregates[1].logic),
            SubscriberLogic(kind, self.part.logic, answers),
        ]
        self._sent: dict[bytes, int] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run everything but the subscriber beside the body."""
        for logic in self._logics:
            await logic.start()
        try:
            for it in self.aggregates:
                await it.start()
            yield
        finally:
            for it in (self.part, *self.aggregates):
                if it.is_running:
                    await it.end()
            for logic in self._logics:
                await logic.stop()

    async def order(self, word: str, root: bytes) -> None:
        """Store one event that says a word."""
        sequence = self._sent.get(root, 0)
        book = CommandBook.to("order", root, StringValue(value=word), sequence=sequence)
        async with grpc.aio.insecure_channel(self.aggregates[0].address, options=FAST) as channel:
            handle = AggregateCoordinatorStub(channel).Handle
            await handle(book, timeout=60, wait_for_ready=True)
        self._sent[root] = sequence + 1

    async def die(self, death: str) -> None:
        """Start the subscriber; it dies of what it finds to do."""
        await self.part.use(f"kill:{death}").start()
        await self.dead(death)

    async def dead(self, death: str) -> None:
        """Wait until the subscriber has died."""
        assert await ended(self.part, death) == KILLED, f"{death}: {self.part.output}"

    async def live(self) -> None:
        """Start the subscriber; return when it has nothing left to do."""
        await self.part.use(NOWHERE).start()
        await self.live_on()

    async def live_on(self) -> None:
        """Return when the subscriber has nothing left to do."""
        await until(self._is_done)

    async def replay(self, ids: Sequence[str]) -> None:
        """Decide that letters are tried again; the subscriber may die of it."""
        async with grpc.aio.insecure_channel(self.part.address, options=FAST) as channel:
            with suppress(grpc.aio.AioRpcError):
                request = ReplayDeadLettersRequest(ids=ids)
                await DeadLettersStub(channel).Replay(request, timeout=20, wait_for_ready=True)

    def letters(self) -> list[Letter]:
        """Return every letter in order."""
        found = backlog(self.part.database, self.name, "order").letters
        return sorted(found, key=lambda it: it.position)

    async def _is_done(self) -> bool:
        try:
            known = backlog(self.part.database, self.name, "order")
        except sqlite3.OperationalError:  # its tables are not made yet
            return False
        end = head(self.aggregates[0].database, "order")
        decided = [it for it in known.letters if it.state is LetterState.REPLAY]
        open_ = {ReactionState.OWED, ReactionState.DUE}
        owed = [it for it in known.reactions if it.state in open_]
        reached = lease(self.part.database, self.name, "order").position
        return reached == end and not decided and not owed


async def test_a_subscriber_dies_while_it_parks(scratch: Path, planted: str) -> None:
    """An event is applied or has its letter, once, with the reason that it failed for."""
    line = Line(scratch, "projector", {POISON: failing(grpc.StatusCode.INTERNAL, "no")}, planted)
    roots = [bytes([number]) * 16 for number in range(1, len(PARKING) + 1)]
    async with line.running():
        for root, death in zip(roots, PARKING, strict=True):
            await line.order(POISON, root)
            await line.die(death)
        for root in (*roots, LAST):
            await line.order(GOOD, root)
        await line.live()
        found = {(it.key.root, it.sequence, it.reason == BEHIND) for it in line.letters()}
        letters = line.letters()

    wanted = {(root, at, at == 1) for root in roots for at in (0, 1)}
    assert found == wanted, "a parked event is lost"
    assert len(letters) == len(wanted)
    assert {(it.state, it.attempts) for it in letters if it.reason != BEHIND} == {
        (LetterState.PARKED, 1)
    }
    print(f"SIGKILL x parking: {', '.join(PARKING)}")  # noqa: T201 - the count matrix


async def test_a_subscriber_dies_while_it_replays(scratch: Path, planted: str) -> None:
    """What was decided goes on at the next start; the rest waits for the same decision again."""
    line = Line(scratch, "projector", {POISON: failing(grpc.StatusCode.INTERNAL, "no")}, planted)
    async with line.running():
        for word in (POISON, GOOD, GOOD):
            await line.order(word, LAST)
        await line.live()
        await line.part.end()
        line.answers.clear()
        first, *others = REPLAYING
        await line.part.use(f"kill:{first}").start()
        await line.replay([it.id for it in line.letters()])
        await line.dead(first)
        for death in others:
            await line.die(death)
        await line.live()
        decided = [it.state for it in line.letters()]
        await line.replay([it.id for it in line.letters() if it.state is LetterState.PARKED])
        await line.live_on()
        states = [it.state for it in line.letters()]
        statement = "SELECT root, sequence FROM projections"
        projected = rows(line.part.database, statement)

    assert decided[0] is LetterState.REPLAYED
    assert states == [LetterState.REPLAYED] * 3
    assert projected == [(LAST, 2)]
    print(f"SIGKILL x replay: {', '.join(REPLAYING)}")  # noqa: T201 - the count matrix


async def test_a_saga_dies_while_a_rejection_is_taken_back(scratch: Path, planted: str) -> None:
    """Every rejected command leads back to its source, once."""
    line = Line(scratch, "saga", {"": lambda _book, _context: SagaResponse()}, planted)
    roots = [bytes([number]) * 16 for number in range(1, len(TAKING_BACK) + 1)]
    async with line.running():
        for root, death in zip(roots, TAKING_BACK, strict=True):
            await line.order(REFUSED, root)
            await line.die(death)
        await line.live()
        events = dump(line.aggregates[0].database, "order").events
        stocked = rows(line.aggregates[1].database, COMMAND_IDS, "stock")
        letters = line.letters()

    assert (stocked, letters) == ([], [])
    assert sorted((it.key.root, it.sequence) for it in events) == [
        (root, at) for root in roots for at in (0, 1)
    ], "not one compensation per rejection"
    print(f"SIGKILL x compensation: {', '.join(TAKING_BACK)}")  # noqa: T201 - the count matrix
