"""The coordinator of one aggregate as a running process."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import ComponentDescriptor
from angzarr_admission import Admission
from angzarr_cascade import Cascade
from angzarr_coordinator_aggregate._commands import Commands
from angzarr_coordinator_aggregate._decider import Decider
from angzarr_coordinator_aggregate._dry_runs import DryRuns
from angzarr_coordinator_aggregate._failures import FailureRecords
from angzarr_coordinator_aggregate._lanes import Lanes
from angzarr_coordinator_aggregate._logic import Logic
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_coordinator_aggregate._replays import Replays
from angzarr_coordinator_aggregate._revoked import Revoked
from angzarr_coordinator_aggregate._states import States
from angzarr_deadletter import Component, DeadLetters
from angzarr_descriptor import descriptor_of, tell
from angzarr_link import LinkedChannels, serve_linked
from angzarr_log import (
    Announcer,
    Editions,
    Feed,
    HeadExport,
    Histories,
    Queries,
    ReplyRule,
    Snapshots,
    start_watching,
)
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import (
    Channels,
    PeerHealth,
    Ports,
    Server,
    ServerConfig,
    run_coordinator,
)
from angzarr_settings import Settings
from angzarr_store import EventLog
from angzarr_telemetry import Readiness, monitored
from angzarr_upcaster import Upcaster


@dataclass(frozen=True, slots=True)
class Parts:
    """What the services of a domain share."""

    log: EventLog
    announcer: Announcer
    channels: Channels


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Serve one domain until `stop` is set, then drain; angzarr.saga-failures needs no logic.

    Raises:
        RefusedError: somebody else listens at the address; the log lacks what was exported.
        StoreError: the log cannot be opened.
    """
    log = await ports.store.log(settings.component.domain)
    export = await HeadExport.checked(settings.store, log, ports.system)
    async with aclosing(LinkedChannels.of(settings, ports.system)) as channels:
        announcer = Announcer(log, ports.bus, ports.system)
        server = Server(ServerConfig.of(settings), ports.system)
        replays = _add_services(server, settings, ports, Parts(log, announcer, channels))
        async with server.serving(drain_seconds=settings.shutdown.drain_seconds):
            await announcer.announce_head()
            readiness = Readiness(server.ready, ports.system)
            async with monitored(settings, "aggregate", readiness, ports.system):
                await _become_ready(settings, ports, readiness, channels)
                ports.system.tasks.start("descriptor", _tell(settings, ports, channels))
                ports.system.tasks.start("owed replays", replays.recover())
                shared = announcer if settings.store.shared else None
                watching = start_watching(log, export, ports.system, shared=shared)
                await _wait(stop, watching)


def _add_services(server: Server, settings: Settings, ports: Ports, parts: Parts) -> Replays:
    """Let `server` answer for the domain; return who replays its letters."""
    system, limits = ports.system, settings.limits
    revoked = Revoked(settings.component.name, ports.store.ledger, system.clock)
    histories = _histories(settings, parts.log, parts.channels)
    decider = _decider(settings, parts.channels, revoked, system)
    pipeline = Pipeline(
        parts.log,
        Lanes(limit_commands=limits.lane_commands),
        _states(settings, parts.log, histories, system),
        decider,
        parts.announcer,
        system.faults,
    )
    commands = Commands(
        settings.component.domain,
        pipeline,
        DryRuns(parts.log, histories, decider),
        Admission.of(settings, passed_on=True),
        Cascade(Replicas(ports.discovery, parts.channels, system.clock), system),
        system,
    )
    queries = Queries(parts.log, limit_bytes=limits.message_bytes)
    owned = {"angzarr.AggregateCoordinator": commands, "angzarr.EventQuery": queries}
    serve_linked(server, system, owned, limit_calls=limits.calls)
    server.add("angzarr.EventFeed", Feed(parts.log, parts.announcer))
    server.add("angzarr.EditionService", Editions(parts.log, system.clock))
    letters = _letters(settings, ports)
    replays = Replays(revoked, pipeline, system, limit_seconds=settings.usual_deadline)
    letters.worked_by(replays.resume)
    server.add("angzarr.DeadLetters", letters)
    return replays


async def _wait(stop: asyncio.Event, beside: Sequence[asyncio.Task[None]]) -> None:
    """Return when `stop` is set, and end what ran beside."""
    try:
        await stop.wait()
    finally:
        for task in beside:
            task.cancel()


async def _tell(settings: Settings, ports: Ports, channels: Channels) -> None:
    component = settings.component
    descriptor = ComponentDescriptor(name=component.name, component_type="aggregate")
    if component.domain != FAILURE_DOMAIN:
        descriptor = await descriptor_of(component, "aggregate", channels)
    await tell(ports.bus, ports.system, descriptor)


def _letters(settings: Settings, ports: Ports) -> DeadLetters:
    whose = Component(name=settings.component.name, kind="aggregate")
    return DeadLetters(whose, ports.store.ledger, ports.system.clock)


async def _become_ready(
    settings: Settings, ports: Ports, readiness: Readiness, channels: Channels
) -> None:
    component = settings.component
    await readiness.watch("store", ports.store.probe)
    if component.domain != FAILURE_DOMAIN:
        logic = PeerHealth(component.logic, channels)
        await readiness.watch("logic", lambda: logic.check(component.logic_health))
    await readiness.started()


def _histories(settings: Settings, log: EventLog, channels: Channels) -> Histories:
    upcaster = Upcaster(settings.component.upcaster, channels)
    return Histories(log, upcaster, uses_snapshots=settings.component.history == "auto")


def _states(settings: Settings, log: EventLog, histories: Histories, system: System) -> States:
    name, limits = settings.component.name, settings.limits
    snapshots = Snapshots(name, log, histories, system, limit_bytes=limits.reply_bytes)
    return States(log.domain, histories, snapshots, limit_roots=limits.cached_roots)


def _decider(settings: Settings, channels: Channels, revoked: Revoked, system: System) -> Decider:
    component, rule = settings.component, ReplyRule.of(settings)
    is_ours = component.domain == FAILURE_DOMAIN
    logic = FailureRecords() if is_ours else Logic(component, channels, system)
    return Decider(logic, rule, revoked, system.clock, limit_seconds=settings.logic_deadline)


def main() -> None:
    """Run the coordinator with the settings of this process."""
    run_coordinator("aggregate", serve)
