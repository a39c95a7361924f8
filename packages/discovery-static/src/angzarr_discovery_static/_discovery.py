"""Discovery from configuration: what was given is all there is."""

from typing_extensions import override

from angzarr_discovery import Component, Discovery, DiscoveryUnavailableError, Roster
from angzarr_ports import System


class StaticDiscovery(Discovery):
    """Components that never change."""

    def __init__(self, components: tuple[Component, ...]) -> None:
        self._roster = Roster(components)

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

    @property
    @override
    def roster(self) -> Roster:
        return self._roster

    @override
    async def aclose(self) -> None:
        """Nothing is watched."""
