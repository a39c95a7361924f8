"""A target of commands that answers as it is told, and what a saga remembers of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.types_pb2 import CommandBook, Cover, RpcStatus
from angzarr_dispatch import (
    Answer,
    Consequence,
    Decision,
    Dispatcher,
    SourceEvent,
    Unsettled,
    is_compensation,
)
from angzarr_ports import Faults, SystemClock, real_system
from angzarr_store import Reaction

ROOT = bytes(range(16))
OK, NOT_FOUND = 0, 5
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class FixedClock(SystemClock):
    """A clock that stands."""

    @override
    def now(self) -> datetime:
        return NOW


class Points(Faults):
    """Remembers which points were passed."""

    def __init__(self) -> None:
        self.passed: list[str] = []

    @override
    def at(self, point: str) -> None:
        self.passed.append(point)


class Target:
    """Answers from a list; keeps every reaction as it was saved last, and each save."""

    def __init__(self, *answers: Answer, fallback: Consequence | None = None) -> None:
        self.answers = list(answers)
        self.books: list[CommandBook] = []
        self.saves: list[list[Reaction]] = []
        self.points = Points()
        self._known: dict[int, Reaction] = {}
        system = replace(real_system(lambda *_: None), clock=FixedClock(), faults=self.points)
        usual = fallback or Consequence(emit=True)
        self._dispatcher = Dispatcher(send=self._send, fallback=usual, system=system)

    async def settle(
        self, reactions: Sequence[Reaction] = (), *, is_last_attempt: bool = False
    ) -> list[Unsettled]:
        """Send new reactions, else those that are known."""
        self._known.update({it.index: it for it in reactions})
        known = self.reactions
        return await self._dispatcher.settle(known, self._save, is_last_attempt=is_last_attempt)

    async def compensate(self) -> list[Unsettled]:
        """Send what is due."""
        return await self._dispatcher.compensate(self.reactions, self._save)

    @property
    def reactions(self) -> list[Reaction]:
        """Return every reaction in order."""
        return [self._known[index] for index in sorted(self._known)]

    @property
    def commands(self) -> list[Reaction]:
        """Return the decided commands."""
        return [it for it in self.reactions if not is_compensation(it)]

    @property
    def states(self) -> list[str]:
        """Return how far each reaction has come."""
        return [str(it.state) for it in self.reactions]

    @property
    def got(self) -> list[str]:
        """Return the ids of the commands that came."""
        return [book.command_id for book in self.books]

    async def _send(self, book: CommandBook) -> Answer:
        self.books.append(book)
        return self.answers.pop(0)

    async def _save(self, reactions: Sequence[Reaction]) -> None:
        self.saves.append(list(reactions))
        self._known.update({it.index: it for it in reactions})


def source() -> SourceEvent:
    """Return the event of the test vectors in contract.md §3.1."""
    cover = Cover().address("order", ROOT, correlation="c-1")
    return SourceEvent(component="saga-order-inventory", cover=cover, sequence=3, position=7)


def command(domain: str = "inventory") -> CommandBook:
    """Return a command as logic returns it."""
    return CommandBook.to(domain, ROOT, StringValue(value="reserve"))


def decided(count: int) -> tuple[Reaction, ...]:
    """Return so many decided commands."""
    return Decision.of([command() for _ in range(count)], source(), []).reactions


def answer(code: int, reason: str = "", *, events: int = 0) -> Answer:
    """Return an answer with this code and reason."""
    return Answer(status=RpcStatus(code=code, message="because"), reason=reason, events=events)
