"""Records of process managers, of operators, and of clients that wait for others."""

from collections.abc import Iterator
from dataclasses import dataclass

from angzarr_store import ProcessBatch, RootKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """An append of a process manager became durable for the first time.

    Shape: it is followed by the `Committed` of the changes in it, if it has any.
    """

    domain: str
    batch: ProcessBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerCancelled:
    """Somebody removed a timer that was set."""

    domain: str
    key: RootKey
    timer_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersDecided:
    """What an operator wants of letters became durable: to try them again, or to give them up."""

    ids: tuple[str, ...]
    is_discard: bool = False

    @property
    def places(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Yield subscription and position of each; a successor's id ends in "+"."""
        for id_ in self.ids:
            subscriber, domain, position = id_.rstrip("+").rsplit(":", 2)
            yield (subscriber, domain), int(position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A command as an outcome lists it; `result` is the name of its CommandResult."""

    command_id: str
    domain: str
    position: int
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the append that ends at `position`; `result` names a ComponentResult."""

    component: str
    domain: str
    position: int
    depth: int
    result: str
    letter: str = ""
    commands: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A client that waited for others heard what became of its append.

    Shape: every one of `components` owes it an outcome at depth 0.
    """

    command_id: str
    components: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
