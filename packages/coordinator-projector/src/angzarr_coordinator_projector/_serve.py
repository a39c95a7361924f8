"""The coordinator of one projector as a running process."""

import asyncio
from dataclasses import dataclass

from angzarr.types_pb2 import ComponentDescriptor, EventBook
from angzarr_bus import Bus, BusConfig
from angzarr_coordinator_projector._projector import Projector
from angzarr_delivery import Policy, Source, Subscriber
from angzarr_discovery import Discovery
from angzarr_plugins import plugin
from angzarr_ports import System
from angzarr_service import (
    Channels,
    RemoteFeed,
    Server,
    ServerConfig,
    components_of,
    descriptor_of,
    run_process,
)
from angzarr_settings import Settings, load
from angzarr_store import Store, StoreConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a coordinator reaches the world through."""

    system: System
    store: Store
    bus: Bus
    discovery: Discovery


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Project the events of the inputs until `stop` is set, then drain.

    Raises:
        RefusedError: neither settings nor descriptor name an input.
    """
    channels = Channels()
    server = Server(ServerConfig.of(settings), ports.system)
    await server.start()
    descriptor = await descriptor_of(settings.component, "projector", channels)
    sources = [
        Source(domain=it, feed=RemoteFeed(it, channels, ports.discovery), bus=ports.bus)
        for it in descriptor.input_domains
    ]
    policy = _policy(settings, descriptor, server, ports.system)
    subscriber = Subscriber(
        settings.component.name, sources, ports.store.ledger, policy, ports.system
    )
    await server.ready(serving=True)
    projector = Projector(
        settings.component.name,
        settings.component.logic,
        channels,
        timeout_seconds=settings.logic_deadline,
    )
    await subscriber.run(projector, stop, drain_seconds=settings.shutdown.drain_seconds)
    await server.aclose(drain_seconds=0)
    await channels.aclose()


def _policy(
    settings: Settings, descriptor: ComponentDescriptor, server: Server, system: System
) -> Policy:
    def wants(book: EventBook) -> bool:
        cover, type_url = book.cover, book.pages[0].event.type_url
        return cover.is_main and descriptor.reads(cover.domain, type_url)

    def tell(paused: bool) -> None:  # noqa: FBT001 - the only parameter of a callback
        system.tasks.start("health", server.ready(serving=not paused))

    return Policy(
        wants=wants,
        on_pause=tell,
        attempts=settings.delivery.attempts,
        poll_seconds=settings.delivery.poll_seconds,
        window=settings.delivery.window,
    )


def main() -> None:
    """Run the coordinator with the settings of this process."""
    settings = load()

    async def start(system: System, stop: asyncio.Event) -> None:
        volatile = settings.store.durability == "volatile"
        config = StoreConfig(
            url=settings.store.url, component=settings.component.name, volatile=volatile
        )
        stores = plugin("angzarr.store", settings.store.kind, Store)  # type: ignore[type-abstract]  # the contract is asked for
        buses = plugin("angzarr.bus", settings.bus.kind, Bus)  # type: ignore[type-abstract]  # the contract is asked for
        found = plugin("angzarr.discovery", settings.discovery.kind, Discovery)  # type: ignore[type-abstract]  # the contract is asked for
        store = await stores.open(config, system)
        bus = await buses.open(BusConfig(url=settings.bus.url), system)
        discovery = await found.open(components_of(settings.discovery), system)
        ports = Ports(system=system, store=store, bus=bus, discovery=discovery)
        await serve(settings, ports, stop)
        await discovery.aclose()
        await bus.aclose()
        await store.aclose()

    run_process(start)
