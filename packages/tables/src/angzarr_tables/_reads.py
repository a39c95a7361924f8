"""Reading what is committed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from angzarr_tables._steps import Rows


class Reads(ABC):
    """Executes statements that change nothing, each alone."""

    @abstractmethod
    async def rows(self, name: str, values: Mapping[str, object]) -> Rows:
        """Return all rows of a statement; `values` may hold more than its parameters.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: contract.md §4.4: it sees every append acknowledged before it began.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Release what reads."""
