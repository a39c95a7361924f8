"""The coordinator of one aggregate as a running process."""

import asyncio
from contextlib import aclosing

from angzarr_coordinator_aggregate._announcer import Announcer
from angzarr_coordinator_aggregate._commands import Commands
from angzarr_coordinator_aggregate._decider import Decider
from angzarr_coordinator_aggregate._feed import Feed
from angzarr_coordinator_aggregate._lanes import Lanes
from angzarr_coordinator_aggregate._logic import Logic
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_coordinator_aggregate._queries import Queries
from angzarr_coordinator_aggregate._reply import ReplyRule
from angzarr_coordinator_aggregate._states import States
from angzarr_ports import System
from angzarr_service import (
    Admission,
    Channels,
    PeerHealth,
    Ports,
    Readiness,
    Server,
    ServerConfig,
    run_coordinator,
)
from angzarr_settings import Settings


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Serve one domain until `stop` is set, then drain.

    Raises:
        RefusedError: somebody else listens at the address.
        StoreError: the log cannot be opened.
    """
    domain, limits = settings.component.domain, settings.limits
    log = await ports.store.log(domain)
    size, transport = limits.message_bytes, ports.system.transport
    async with aclosing(Channels(limit_bytes=size, transport=transport)) as channels:
        announcer = Announcer(log, ports.bus, ports.system.faults)
        pipeline = Pipeline(
            log,
            Lanes(limit_commands=limits.lane_commands),
            States(log, limit_roots=limits.cached_roots),
            _decider(settings, channels, ports.system),
            announcer,
            ports.system.faults,
        )
        commands = Commands(domain, pipeline, Admission.of(settings, passed_on=True), ports.system)
        server = Server(ServerConfig.of(settings), ports.system)
        server.add("angzarr.AggregateCoordinator", commands)
        server.add("angzarr.EventQuery", Queries(log, limit_bytes=limits.message_bytes))
        server.add("angzarr.EventFeed", Feed(log, announcer))
        async with server.serving(drain_seconds=settings.shutdown.drain_seconds):
            await announcer.announce_head()
            await _become_ready(settings, ports, server, channels)
            await stop.wait()


async def _become_ready(
    settings: Settings, ports: Ports, server: Server, channels: Channels
) -> None:
    readiness = Readiness(server.ready, ports.system)
    logic = PeerHealth(settings.component.logic, channels)
    await readiness.watch("store", ports.store.probe)
    await readiness.watch("logic", lambda: logic.check(settings.component.logic_health))
    await readiness.started()


def _decider(settings: Settings, channels: Channels, system: System) -> Decider:
    component, limits = settings.component, settings.limits
    rule = ReplyRule(
        limit_pages=limits.reply_pages,
        limit_page_bytes=limits.page_bytes,
        limit_bytes=limits.reply_bytes,
        assign_numbers=component.numbering == "assign",
    )
    logic = Logic(component, channels, system)
    return Decider(logic, rule, system.clock, limit_seconds=settings.logic_deadline)


def main() -> None:
    """Run the coordinator with the settings of this process."""
    run_coordinator("aggregate", serve)
