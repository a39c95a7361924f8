"""A component with letters, and an operator who decides about them."""

from dataclasses import replace
from typing import Any

from angzarr.dead_letter_pb2 import ReplayDeadLettersRequest
from angzarr.types_pb2 import CommandBook, EventBook
from angzarr_deadletter import Component, DeadLetters
from angzarr_ports import SystemClock
from angzarr_store import (
    Ledger,
    Letter,
    LetterKind,
    LetterState,
    RootKey,
    SaveLetter,
)


class Caller:
    """Somebody who waits for a while."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def remaining(self, now: float) -> float:
        """Return the seconds that are left."""
        del now
        return self.seconds


class World:
    """The service over a ledger; `resumed` tells which roots were gone on with."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.service = self.alone()
        self.service.worked_by(self.resume)
        self.caller = Caller(5.0)
        self.resumed: list[str] = []

    def alone(self) -> DeadLetters:
        """Return a service without a subscription that runs."""
        return DeadLetters(Component(name="saga", kind="saga"), self.ledger, SystemClock())

    async def resume(self, letter: Letter) -> None:
        """Note whose root goes on, and replay what was asked for."""
        self.resumed.append(letter.id)
        filed = await self.ledger.letter(letter.id)
        assert filed is not None
        if filed.letter.state is LetterState.REPLAY:
            await self.save(replace(filed.letter, state=LetterState.REPLAYED))

    async def save(self, *letters: Letter) -> None:
        """Store letters as their owner would."""
        self.lease = await self.ledger.acquire("saga", "order")
        await self.ledger.commit(self.lease, [SaveLetter(letter=it) for it in letters])

    async def replay(self, *ids: str, **asked: Any) -> Any:
        """Ask for a replay."""
        request = ReplayDeadLettersRequest(ids=ids, **asked)
        return await self.service.Replay(request, self.caller)

    async def states(self) -> list[str]:
        """Return the states of all letters by position."""
        found = [await self.ledger.letter(f"saga:order:{it}") for it in range(1, 6)]
        return [str(it.letter.state) for it in found if it is not None]


def letter(position: int, *, root: int = 1, **changed: Any) -> Letter:
    """Return a parked event."""
    book = EventBook()
    book.cover.address("order", bytes([root]) * 16, correlation="flow")
    book.pages.add(num=position)
    made = Letter(
        id=f"saga:order:{position}",
        subscriber="saga",
        domain="order",
        position=position,
        sequence=position,
        key=RootKey(edition="angzarr", root=bytes([root]) * 16),
        cover=book.cover.SerializeToString(),
        payload=book.SerializeToString(),
        status=b"\x08\x0d\x12\x06broken",
        reason="LOGIC_FAILED",
        attempts=8,
        state=LetterState.PARKED,
        parked_at=f"2026-01-01T00:00:0{position}.000000+00:00",
    )
    return replace(made, **changed)


def command(position: int) -> Letter:
    """Return a command that an aggregate parked."""
    book = CommandBook(command_id=f"c-{position}")
    book.cover.address("order", bytes(16))
    return letter(
        0,
        id=f"saga:order:{position}",
        kind=LetterKind.COMMAND,
        payload=book.SerializeToString(),
        command_id=book.command_id,
    )
