"""The coordinator of one aggregate as a running process."""

import asyncio
from dataclasses import dataclass

from angzarr_bus import Bus, BusConfig, Frame
from angzarr_coordinator_aggregate._lanes import Lanes
from angzarr_coordinator_aggregate._logic import Logic
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_coordinator_aggregate._reply import ReplyRule
from angzarr_coordinator_aggregate._services import Commands, Feed, Queries
from angzarr_coordinator_aggregate._states import States
from angzarr_plugins import plugin
from angzarr_ports import System
from angzarr_service import Admission, Channels, Server, ServerConfig, run_process
from angzarr_settings import Settings, load
from angzarr_store import EventLog, Store, StoreConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a coordinator reaches the world through."""

    system: System
    store: Store
    bus: Bus


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Serve one domain until `stop` is set, then drain.

    Raises:
        StoreError: the log cannot be opened.
    """
    domain = settings.component.domain
    log = await ports.store.log(domain)
    channels = Channels()
    limits = settings.limits
    server = Server(ServerConfig.of(settings), ports.system)
    admission = Admission(
        command_bytes=limits.command_bytes,
        derive_correlation=settings.component.derive_correlation,
    )
    pipeline = _pipeline(settings, ports, log, channels)
    server.add("angzarr.AggregateCoordinator", Commands(domain, pipeline, admission))
    server.add("angzarr.EventQuery", Queries(log, limit_bytes=limits.message_bytes))
    server.add("angzarr.EventFeed", Feed(log, ports.system))
    await server.start()
    await _announce(log, ports.bus)
    await server.ready(serving=True)
    await stop.wait()
    await server.aclose(drain_seconds=settings.shutdown.drain_seconds)
    await channels.aclose()


def _pipeline(settings: Settings, ports: Ports, log: EventLog, channels: Channels) -> Pipeline:
    component, limits = settings.component, settings.limits
    logic = Logic(
        component.domain,
        component.logic,
        channels,
        ports.system,
        expose=component.expose_logic_errors,
    )
    rule = ReplyRule(
        limit_pages=limits.reply_pages,
        limit_page_bytes=limits.page_bytes,
        limit_bytes=limits.reply_bytes,
        assign_numbers=component.numbering == "assign",
    )
    return Pipeline(log, logic, ports.bus, ports.system, rule).arrange(
        Lanes(limit_commands=limits.lane_commands),
        States(log, limit_roots=limits.cached_roots),
        settings.logic_deadline,
    )


async def _announce(log: EventLog, bus: Bus) -> None:
    head = await log.head()
    wake = Frame(
        domain=log.domain,
        epoch=head.epoch,
        edition="",
        root=b"",
        sequence=0,
        position=head.position,
        count=0,
        command_id="",
        correlation_id="",
    )
    bus.publish(wake)


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
        store = await stores.open(config, system)
        bus = await buses.open(BusConfig(url=settings.bus.url), system)
        await serve(settings, Ports(system=system, store=store, bus=bus), stop)
        await bus.aclose()
        await store.aclose()

    run_process(start)
