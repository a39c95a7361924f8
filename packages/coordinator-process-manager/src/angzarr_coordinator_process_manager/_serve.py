"""The coordinator of one process manager as a running process."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from angzarr import type_name
from angzarr.types_pb2 import CommandBook, ComponentDescriptor, EventBook, RevokeEventCommand
from angzarr_coordinator_process_manager._clockwork import Clockwork
from angzarr_coordinator_process_manager._decision import TIMEOUT, Rules
from angzarr_coordinator_process_manager._manager import Manager, Rejections
from angzarr_coordinator_process_manager._own_feed import OwnFeed
from angzarr_coordinator_process_manager._processes import Processes
from angzarr_coordinator_process_manager._speculation import Speculation
from angzarr_coordinator_process_manager._timers import Timers
from angzarr_deadletter import Component, DeadLetters
from angzarr_delivery import Policy, Subscriber
from angzarr_descriptor import descriptor_of, tell
from angzarr_dispatch import Answer, Consequence, Dispatcher
from angzarr_feed import RemoteFeed
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
from angzarr_ports import Metric, MetricKind
from angzarr_progress import Progress, Watch
from angzarr_reaction import Logic, Peers, Settlement, Upcasting
from angzarr_reader import Source
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

KIND = "process_manager"
REVOKE = RevokeEventCommand.DESCRIPTOR.full_name
DURATION = Metric(
    name="angzarr_pm_duration_seconds",
    help="How long one attempt to react to an event took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the coordinator works with."""

    settings: Settings
    ports: Ports
    channels: Channels
    replicas: Replicas
    descriptor: ComponentDescriptor
    log: EventLog
    export: HeadExport | None
    announcer: Announcer
    feed: Feed
    processes: Processes
    snapshots: Snapshots
    upcaster: Upcaster
    logic: Logic
    rules: Rules
    letters: DeadLetters
    watch: Watch

    @staticmethod
    async def of(settings: Settings, ports: Ports, channels: Channels) -> "Parts":
        """Open the log and ask the logic what it reads and sends.

        Raises:
            RefusedError: neither settings nor descriptor name an input, or the log lacks what was
                exported.
            StoreError: it cannot be opened.
        """
        component, system = settings.component, ports.system
        descriptor = await descriptor_of(component, KIND, channels)
        log = await ports.store.log(component.domain or component.name)
        announcer = Announcer(log, ports.bus, system)
        upcaster = Upcaster(component.upcaster, channels)
        histories = Histories(log, upcaster, uses_snapshots=component.history == "auto")
        whose = Component(name=component.name, kind=KIND)
        return Parts(
            settings=settings,
            ports=ports,
            channels=channels,
            replicas=Replicas(ports.discovery, channels, system.clock),
            descriptor=descriptor,
            log=log,
            export=await HeadExport.checked(settings.store, log, system),
            announcer=announcer,
            feed=Feed(log, announcer),
            processes=Processes(log, histories, announcer, system),
            snapshots=Snapshots(
                component.name,
                log,
                histories,
                system,
                limit_bytes=settings.limits.reply_bytes,
            ),
            upcaster=upcaster,
            logic=Logic(
                component.logic, channels, system.faults, timeout_seconds=settings.logic_deadline
            ),
            rules=_rules(settings, descriptor),
            letters=DeadLetters(whose, ports.store.ledger, system.clock),
            watch=Watch(whose.name, whose.kind, ports.store.ledger, system.clock),
        )

    def server(self) -> Server:
        """Return what answers others."""
        name, size = self.settings.component.name, self.settings.limits.message_bytes
        server = Server(ServerConfig.of(self.settings), self.ports.system)
        queries = {"angzarr.EventQuery": Queries(self.log, limit_bytes=size)}
        calls = self.settings.limits.calls
        serve_linked(server, self.ports.system, queries, limit_calls=calls)
        server.add("angzarr.EventFeed", self.feed)
        server.add("angzarr.EditionService", Editions(self.log, self.ports.system.clock))
        server.add("angzarr.Timers", Timers(name, self.log, self.processes))
        server.add("angzarr.ProcessManagerCoordinator", Speculation(self.logic, self.rules))
        server.add("angzarr.DeadLetters", self.letters)
        server.add("angzarr.Progress", Progress(self.watch, self.ports.system.clock))
        return server

    def subscriber(self, readiness: Readiness) -> Subscriber:
        """Return what reads the inputs, and the own log for timeouts and rejections."""
        settings, ports = self.settings, self.ports
        own = Source(
            domain=self.log.domain, feed=OwnFeed(self.log.domain, self.feed), bus=ports.bus
        )
        others = [
            Source(domain=it, feed=RemoteFeed(it, self.replicas), bus=ports.bus)
            for it in self.descriptor.input_domains(ports.discovery.domains())
            if it != own.domain
        ]
        self.watch.begin({it.domain: it.feed for it in (own, *others)})
        policy = Policy(
            wants=self.handler().may_want,
            report=readiness.set,
            stands_by=self.watch.track.stand_by,
            begun=self.watch.track.begun,
            stored=self.watch.track.stored,
            duration=DURATION,
            attempts=settings.delivery.attempts,
            poll_seconds=settings.delivery.poll_seconds,
            window=settings.delivery.window,
        )
        name = settings.component.name
        return Subscriber(name, [own, *others], ports.store.ledger, policy, ports.system)

    def handler(self) -> Upcasting:
        """Return what reacts to an event as logic sees it."""
        return Upcasting(inner=self._manager(), upcaster=self.upcaster, wants=self._wants)

    def _manager(self) -> Manager:
        settings, system = self.settings, self.ports.system
        peers = Peers(self.replicas, self.upcaster, timeout_seconds=settings.usual_deadline)
        rejections = Rejections(processes=self.processes, system=system)
        takes_back = self.descriptor.reads(self.log.domain, REVOKE)

        async def send(command: CommandBook) -> Answer:
            own = takes_back and command.is_revocation
            return await (rejections.record(command) if own else peers.send(command))

        asked = settings.component.compensation.fallback
        fallback = Consequence(
            emit=asked.emit, dead_letter=asked.dead_letter, escalate=asked.escalate
        )
        return Manager(
            logic=self.logic,
            peers=peers,
            processes=self.processes,
            settlement=Settlement(
                component=settings.component.name,
                dispatcher=Dispatcher(send=send, fallback=fallback, system=system),
                system=system,
            ),
            rules=self.rules,
            snapshots=self.snapshots,
            shows_history=settings.component.trigger == "history",
            system=system,
        )

    def _wants(self, book: EventBook) -> bool:
        """Say whether an event is for a process (contract.md §4.7 step 1)."""
        cover, type_url = book.cover, book.pages[0].event.type_url
        if not cover.correlation_id or cover.domain.startswith("_"):
            return False
        if cover.domain != self.log.domain:
            anywhere = self.settings.component.type_match == "suffix"
            return self.descriptor.reads(cover.domain, type_url, anywhere=anywhere)
        name = type_name(type_url)
        is_rejection = name == REVOKE and self.descriptor.reads(self.log.domain, type_url)
        return name == TIMEOUT or is_rejection


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """React to the events of the inputs and to timers until `stop` is set, then drain.

    Raises:
        RefusedError: neither settings nor descriptor name an input, or the address is taken.
        FencedError: another process has taken the log or a subscription.
    """
    async with aclosing(LinkedChannels.of(settings, ports.system)) as channels:
        parts = await Parts.of(settings, ports, channels)
        server = parts.server()
        async with server.serving(drain_seconds=settings.shutdown.drain_seconds):
            await parts.announcer.announce_head()
            readiness = Readiness(server.ready, ports.system)
            async with monitored(settings, KIND, readiness, ports.system):
                await _work(parts, readiness, stop)


async def _work(parts: Parts, readiness: Readiness, stop: asyncio.Event) -> None:
    settings, ports, tasks = parts.settings, parts.ports, parts.ports.system.tasks
    component = settings.component
    tasks.start("descriptor", tell(ports.bus, ports.system, parts.descriptor))
    logic = PeerHealth(component.logic, parts.channels)
    await readiness.watch("store", ports.store.probe)
    await readiness.watch("logic", lambda: logic.check(component.logic_health))
    subscriber = parts.subscriber(readiness)
    parts.letters.worked_by(subscriber.resume)
    parts.watch.brake = subscriber
    shared = parts.announcer if settings.store.shared else None
    clockwork = Clockwork(component.name, parts.processes, ports.system)
    beside = [
        tasks.start("timers", clockwork.run()),
        *start_watching(parts.log, parts.export, ports.system, shared=shared),
    ]
    try:
        await readiness.started(*parts.watch.conditions)
        drain = settings.shutdown.drain_seconds
        await subscriber.run(parts.handler(), stop, drain_seconds=drain)
    finally:
        for task in beside:
            task.cancel()


def _rules(settings: Settings, descriptor: ComponentDescriptor) -> Rules:
    component, limits = settings.component, settings.limits
    return Rules(
        component=component.name,
        outputs=tuple(descriptor.outputs),
        reply=ReplyRule.of(settings),
        limit_commands=limits.reply_commands,
        limit_destinations=limits.reply_destinations,
        timeouts=component.timeouts,
    )


def main() -> None:
    """Run the coordinator with the settings of this process."""
    run_coordinator("process_manager", serve)
