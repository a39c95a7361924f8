"""What a component reaches the world through, as its settings name it (ADR 3)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from angzarr_bus import Bus, BusConfig
from angzarr_discovery import Discovery, components_of
from angzarr_plugins import PluginError, plugin
from angzarr_ports import System
from angzarr_settings import Settings
from angzarr_store import RefusedError, Store, StoreConfig

ContractT = TypeVar("ContractT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The ports of a coordinator."""

    system: System
    store: Store
    bus: Bus
    discovery: Discovery


@asynccontextmanager
async def opened_discovery(settings: Settings, system: System) -> AsyncIterator[Discovery]:
    """Open the discovery that the settings name, and close it at the end.

    Raises:
        RefusedError: it is not installed.
        DiscoveryUnavailableError: its source cannot be read.
    """
    kind = _implementation("discovery", settings.discovery.kind, Discovery)  # type: ignore[type-abstract]  # the contract is asked for
    discovery = await kind.open(components_of(settings.discovery), system)
    try:
        yield discovery
    finally:
        await discovery.aclose()


@asynccontextmanager
async def opened_bus(settings: Settings, system: System) -> AsyncIterator[Bus]:
    """Open the bus that the settings name, and close it at the end.

    Raises:
        RefusedError: it is not installed.
        BusUnavailableError, BusRefusedError: not now; not with these settings.
    """
    kind = _implementation("bus", settings.bus.kind, Bus)  # type: ignore[type-abstract]  # the contract is asked for
    config = BusConfig(url=settings.bus.url, credentials=settings.bus.credentials)
    bus = await kind.open(config, system)
    try:
        yield bus
    finally:
        await bus.aclose()


@asynccontextmanager
async def opened_ports(settings: Settings, system: System) -> AsyncIterator[Ports]:
    """Open store, bus and discovery of a component; close them in reverse at the end.

    Raises:
        RefusedError: one of them is not installed, or a check of the store failed.
        StoreUnavailableError, BusUnavailableError, DiscoveryUnavailableError: not now.
    """
    async with AsyncExitStack() as stack:
        discovery = await stack.enter_async_context(opened_discovery(settings, system))
        store = await _open_store(settings, system)
        stack.push_async_callback(store.aclose)
        bus = await stack.enter_async_context(opened_bus(settings, system))
        yield Ports(system=system, store=store, bus=bus, discovery=discovery)


async def _open_store(settings: Settings, system: System) -> Store:
    stores = _implementation("store", settings.store.kind, Store)  # type: ignore[type-abstract]  # the contract is asked for
    config = StoreConfig(
        url=settings.store.url,
        component=settings.component.name,
        volatile=settings.store.durability == "volatile",
        shared=settings.store.shared,
    )
    return await stores.open(config, system)


def _implementation(port: str, name: str, contract: type[ContractT]) -> type[ContractT]:
    try:
        return plugin(f"angzarr.{port}", name, contract)
    except PluginError as error:
        raise RefusedError(f"{port}.kind", name, f"{error.what} {error.fix}") from error
