"""Discovery from configuration: what was given is all there is."""

from typing_extensions import override

from angzarr_discovery import (
    FALLBACK,
    Component,
    Discovery,
    DiscoveryUnavailableError,
    NoRouteError,
)
from angzarr_ports import System


class StaticDiscovery(Discovery):
    """Components that never change."""

    def __init__(self, components: tuple[Component, ...]) -> None:
        self._components = tuple(sorted(components, key=lambda component: component.name))
        self._owners = {component.domain: component for component in components if component.domain}

    @classmethod
    @override
    async def open(cls, components: tuple[Component, ...], system: System) -> "StaticDiscovery":
        for what, values in (
            ("component", [component.name for component in components]),
            ("domain", [component.domain for component in components if component.domain]),
        ):
            for value in values:
                if values.count(value) > 1:
                    raise DiscoveryUnavailableError("static", f'{what} "{value}" is given twice')
        return cls(components)

    @override
    def components(self) -> tuple[Component, ...]:
        return self._components

    @override
    def route(self, domain: str) -> Component:
        owner = self._owners.get(domain) or self._owners.get(FALLBACK)
        if owner is None:
            raise NoRouteError(domain, tuple(sorted(self._owners)))
        return owner

    @override
    async def aclose(self) -> None:
        """Nothing is watched."""
