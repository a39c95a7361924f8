"""Components as the Services of this namespace are, from moment to moment."""

import asyncio
import logging
from pathlib import Path

from typing_extensions import override

from angzarr_discovery import Component, Discovery, DiscoveryUnavailableError, Roster
from angzarr_discovery_kubernetes._api import ACCOUNT, NOT_FOUND, SERVER, Api, ApiError
from angzarr_discovery_kubernetes._kept import Kept
from angzarr_discovery_kubernetes._objects import component_of, name_of, service_of
from angzarr_ports import System

CORE, SLICES, OLD_SLICES = "api/v1", "apis/discovery.k8s.io/v1", "apis/discovery.k8s.io/v1beta1"
AMBIGUOUS = "discovery.ambiguous"

_LOG = logging.getLogger("angzarr.discovery")


class KubernetesDiscovery(Discovery):
    """Knows the components that it was given, and those whose Services carry the labels.

    Two Services for one component or one domain are a mistake of the deployment: the first by
    name counts, and the log says so.
    """

    def __init__(self, components: tuple[Component, ...], api: Api, system: System) -> None:
        self._given = components
        self._api = api
        self._services = Kept(api, "services", system, self._changed)
        self._slices = Kept(api, "endpointslices", system, self._changed)
        self._system = system
        self._watching: list[asyncio.Task[None]] = []
        self._changed()

    @classmethod
    @override
    async def open(cls, components: tuple[Component, ...], system: System) -> "KubernetesDiscovery":
        return await cls.reading(components, system, server=SERVER, account=ACCOUNT)

    @classmethod
    async def reading(
        cls, components: tuple[Component, ...], system: System, *, server: str, account: Path
    ) -> "KubernetesDiscovery":
        """Return a discovery that has read the API server at `server` once, and watches it."""
        api = Api(system, server=server, account=account)
        made = cls(components, api, system)
        try:
            await api.open()
            await made._begin()
        except ApiError as error:
            await made.aclose()
            raise DiscoveryUnavailableError("kubernetes", str(error)) from error
        return made

    @property
    @override
    def roster(self) -> Roster:
        return self._roster

    @override
    async def aclose(self) -> None:
        async with self._api.opening:
            for task in self._watching:
                task.cancel()
        if self._watching:
            await asyncio.wait(self._watching)
        await self._api.aclose()

    async def _begin(self) -> None:
        await self._services.list(CORE)
        try:
            await self._slices.list(SLICES)
        except ApiError as error:
            if error.code != NOT_FOUND:
                raise
            await self._slices.list(OLD_SLICES)
        self._watching = [
            self._system.tasks.start(f"watch {it.kind}", it.run())
            for it in (self._services, self._slices)
        ]

    def _changed(self) -> None:
        found, taken = list(self._given), {name for it in self._given for name in _names(it)}
        for service in sorted(self._services.objects.values(), key=name_of):
            name = name_of(service)
            slices = [it for it in self._slices.objects.values() if service_of(it) == name]
            component = component_of(service, slices)
            if component is None:
                continue
            if taken & _names(component):
                _LOG.error(AMBIGUOUS, extra={"component": component.name, "reason": name})
                continue
            found.append(component)
            taken |= _names(component)
        self._roster = Roster(found)


def _names(component: Component) -> set[tuple[str, str]]:
    """Return what only one component may have."""
    named = {("component", component.name)}
    return named | {("domain", component.domain)} if component.domain else named
