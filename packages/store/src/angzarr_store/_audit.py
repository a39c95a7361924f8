"""A database as an auditor sees it: every row as it is, nothing repaired, nothing changed."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from angzarr_store._rows import CommandRow, Event, Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far a subscriber has come in the log of `domain`, and the chain that it saw there."""

    subscriber: str
    domain: str
    position: int
    chain: bytes


class Audit(ABC):
    """The rows of one component, read beside its owner or without one.

    Rule: reliability.md §12. Rows that appear while it reads lie behind the head that it read.
    Every method raises StoreUnavailableError when nothing was read.
    """

    @abstractmethod
    async def read_domains(self) -> Sequence[str]:
        """Return the domains whose logs are here, sorted."""

    @abstractmethod
    async def read_head(self, domain: str) -> Head:
        """Return the end of the log of a domain that is here."""

    @abstractmethod
    async def read_events(self, domain: str, *, after: int, limit: int) -> Sequence[Event]:
        """Return the first `limit` events behind a position that are stored, with their holes."""

    @abstractmethod
    async def read_commands(self, domain: str, *, after: str, limit: int) -> Sequence[CommandRow]:
        """Return the first `limit` commands whose id is greater than `after`, by id."""

    @abstractmethod
    async def read_checkpoints(self) -> Sequence[Checkpoint]:
        """Return the checkpoint of every subscription, by subscriber and domain."""

    @abstractmethod
    async def aclose(self) -> None:
        """Release the database."""
