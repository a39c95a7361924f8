"""What a transaction consists of: statements by name, each of which is answered with rows."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from angzarr_rows import Row

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Ask:
    """One statement with named parameters; it may be given more of them than it has."""

    name: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AskEach:
    """A statement for each of many rows of parameters; its answer is the rows of all."""

    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Put:
    """A statement for each of many rows of parameters, which nothing comes back from."""

    name: str
    rows: Sequence[Row]


Step = Ask | AskEach | Put
Rows = Sequence[Row]
Steps = Generator[Step, Rows, ResultT]


class Operation(ABC, Generic[ResultT]):
    """What the writer executes inside a transaction that it shares with others."""

    @abstractmethod
    def steps(self, *, again: bool) -> Steps[ResultT]:
        """Yield statements, get their rows and return the answer, which is given after the commit.

        `again`: an earlier execution may have been committed, nothing else in between; then the
        answer is the one that it would have had.

        Raises:
            InvariantError: what cannot happen; nothing may be committed.
            UnknownOutcomeError: `again`, and nobody can tell.
        """
