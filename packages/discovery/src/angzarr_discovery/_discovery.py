"""What every discovery answers: which components exist and where."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from angzarr_discovery._errors import NoRouteError
from angzarr_ports import System

FALLBACK = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """Messages a component consumes or sends: a domain and full type names; none means all."""

    domain: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component of a deployment.

    Shape: `kind` is aggregate, saga, projector or process_manager; `domain` is the domain an
    aggregate or process manager owns, else empty; `addresses` are those of its coordinator.
    """

    name: str
    kind: str
    domain: str
    addresses: tuple[str, ...]
    inputs: tuple[Interest, ...] = ()
    outputs: tuple[Interest, ...] = ()
    asynchronous: bool = False


class Roster:
    """The components that exist at one time, by name and by the domain that they own."""

    def __init__(self, components: Iterable[Component]) -> None:
        self.components = tuple(sorted(components, key=lambda component: component.name))
        self._owners = {it.domain: it for it in self.components if it.domain}

    def route(self, domain: str) -> Component:
        """Return the owner of `domain`; see `Discovery.route`."""
        owner = self._owners.get(domain) or self._owners.get(FALLBACK)
        if owner is None:
            raise NoRouteError(domain, tuple(sorted(self._owners)))
        return owner


class Discovery(ABC):
    """Which components exist and where their coordinators listen."""

    @classmethod
    @abstractmethod
    async def open(cls, components: tuple[Component, ...], system: System) -> "Discovery":
        """Return a discovery that knows at least `components`.

        Raises:
            DiscoveryUnavailableError: its source cannot be read.
        """

    @property
    @abstractmethod
    def roster(self) -> Roster:
        """Return what is known now."""

    def components(self) -> tuple[Component, ...]:
        """Return every component known now, ordered by name."""
        return self.roster.components

    def domains(self) -> list[str]:
        """Return every domain that has an owner of its own, in order."""
        owned = {component.domain for component in self.components()}
        return sorted(owned - {"", FALLBACK})

    def route(self, domain: str) -> Component:
        """Return the component that owns `domain`: the exact one, else the `*` route.

        Raises:
            NoRouteError: neither exists.
        Rule: contract.md §4.9.
        """
        return self.roster.route(domain)

    @abstractmethod
    async def aclose(self) -> None:
        """Stop watching."""
