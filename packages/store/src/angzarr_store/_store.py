"""The database of one component."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from angzarr import FAILURE_DOMAIN, is_log_name, is_name
from angzarr_ports import System
from angzarr_store._audit import Audit
from angzarr_store._errors import RefusedError
from angzarr_store._ledger import Ledger
from angzarr_store._log import EventLog

NAME_FIX = "use a lower-case letter, then lower-case letters, digits and -"


def check_log_name(domain: str) -> None:
    """Refuse what cannot name a log; every store asks before it opens one.

    Raises:
        RefusedError: it cannot.
    Rule: security.md C18.
    """
    if not is_log_name(domain):
        raise RefusedError("component.domain", repr(domain[:64]), NAME_FIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """Which database: `url` belongs to the implementation, `component` names its owner.

    `volatile` admits storage that is gone with the machine's memory (reliability.md §7.1),
    `shared` several processes that append to one log (§2.6).
    """

    url: str
    component: str
    volatile: bool = False
    shared: bool = False

    def __post_init__(self) -> None:
        """Refuse a component that could be more than a name.

        Raises:
            RefusedError: it is none.
        """
        if self.component != FAILURE_DOMAIN and not is_name(self.component):
            raise RefusedError("component.name", repr(self.component), NAME_FIX)

    def check_alone(self) -> None:
        """Refuse to be shared, for a store that only one process at a time can write.

        Raises:
            RefusedError: it is to be shared.
        """
        if self.shared:
            raise RefusedError("store.shared", "true", "use store postgres, or one replica")


class Store(ABC):
    """The one database of one component, which is its only writer (reliability.md §2.1)."""

    @classmethod
    @abstractmethod
    async def open(cls, config: StoreConfig, system: System) -> "Store":
        """Open or create the database after its self-check.

        Raises:
            RefusedError: a check of reliability.md §7 failed.
            StoreUnavailableError: it cannot be opened now.
        """

    @classmethod  # noqa: B027 - most stores have nothing to do
    async def migrate(cls, config: StoreConfig) -> None:
        """Bring the tables up to this version where opening them does not (operations.md §11).

        Raises:
            RefusedError, StoreUnavailableError: as of `open`; nothing was changed.
        """

    @classmethod
    @abstractmethod
    async def audit(cls, config: StoreConfig, system: System) -> Audit | None:
        """Open the database to be audited, also while its owner runs; None says there is none.

        Raises:
            RefusedError: nobody but its owner can read it.
            StoreUnavailableError: it cannot be read now.
        """

    @abstractmethod
    async def log(self, domain: str) -> EventLog:
        """Return the log of `domain` under a new epoch.

        Raises:
            RefusedError: `domain` is no name; see `check_log_name`.
            StoreUnavailableError: nothing was changed.
        Rule: reliability.md §2.6.
        """

    @property
    @abstractmethod
    def ledger(self) -> Ledger:
        """Return the subscribers' rows."""

    @abstractmethod
    async def probe(self) -> None:
        """Prove that the store can commit.

        Raises:
            StoreUnavailableError: it cannot.
        Rule: reliability.md N51.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Finish what is queued and release the database."""
