"""The coordinator of one projector as a running process."""

import asyncio
from contextlib import aclosing

from angzarr_coordinator_projector._output import Output
from angzarr_coordinator_projector._projector import Projector
from angzarr_coordinator_projector._sync import Sync
from angzarr_deadletter import Component, DeadLetters
from angzarr_delivery import Policy, Source, Subscriber
from angzarr_descriptor import descriptor_of, tell
from angzarr_feed import RemoteFeed
from angzarr_link import LinkedChannels
from angzarr_ports import Metric, MetricKind
from angzarr_progress import Progress, Watch
from angzarr_reaction import Interest, Logic, Upcasting
from angzarr_service import (
    Channels,
    PeerHealth,
    Ports,
    Server,
    ServerConfig,
    monitored,
    run_coordinator,
)
from angzarr_settings import Settings
from angzarr_telemetry import Readiness
from angzarr_upcaster import Upcaster

DURATION = Metric(
    name="angzarr_projector_duration_seconds",
    help="How long one attempt to project an event took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Project the events of the inputs until `stop` is set, then drain.

    Raises:
        RefusedError: neither settings nor descriptor name an input, or the address is taken.
        FencedError: another process has taken a subscription.
    """
    async with aclosing(LinkedChannels.of(settings, ports.system)) as channels:
        server = Server(ServerConfig.of(settings), ports.system)
        whose = Component(name=settings.component.name, kind="projector")
        letters = DeadLetters(whose, ports.store.ledger, ports.system.clock)
        server.add("angzarr.DeadLetters", letters)
        watch = Watch(whose.name, whose.kind, ports.store.ledger, ports.system.clock)
        server.add("angzarr.Progress", Progress(watch, ports.system.clock))
        sync = Sync(
            watch=watch,
            discovery=ports.discovery,
            channels=channels,
            clock=ports.system.clock,
            logic=_logic(settings, ports, channels),
            speculative=settings.component.speculative,
        )
        server.add("angzarr.ProjectorCoordinator", sync)
        async with server.serving(drain_seconds=0):
            readiness = Readiness(server.ready, ports.system)
            async with monitored(settings, "projector", readiness, ports.system):
                await _work(settings, ports, (channels, readiness, letters, watch), stop)


async def _work(
    settings: Settings,
    ports: Ports,
    reach: tuple[Channels, Readiness, DeadLetters, Watch],
    stop: asyncio.Event,
) -> None:
    channels, readiness, letters, watch = reach
    component, ledger = settings.component, ports.store.ledger
    descriptor = await descriptor_of(component, "projector", channels)
    ports.system.tasks.start("descriptor", tell(ports.bus, ports.system, descriptor))
    logic = PeerHealth(component.logic, channels)
    await readiness.watch("store", ports.store.probe)
    await readiness.watch("logic", lambda: logic.check(component.logic_health))
    sources = [
        Source(domain=it, feed=RemoteFeed(it, channels, ports.discovery), bus=ports.bus)
        for it in descriptor.input_domains(ports.discovery.domains())
    ]
    interest = Interest(
        descriptor=descriptor,
        anywhere=component.type_match == "suffix",
        editions=component.editions,
    )
    watch.begin({it.domain: it.feed for it in sources}, interest.follows)
    handler = _handler(settings, ports, channels, interest)
    policy = _policy(settings, handler, readiness, watch)
    subscriber = Subscriber(component.name, sources, ledger, policy, ports.system)
    letters.worked_by(subscriber.resume)
    await readiness.started(*(f"log of {it}" for it in watch.feeds))
    await subscriber.run(handler, stop, drain_seconds=settings.shutdown.drain_seconds)


def _logic(settings: Settings, ports: Ports, channels: Channels) -> Logic:
    address, timeout = settings.component.logic, settings.logic_deadline
    return Logic(address, channels, ports.system.faults, timeout_seconds=timeout)


def _handler(settings: Settings, ports: Ports, channels: Channels, interest: Interest) -> Upcasting:
    component, faults = settings.component, ports.system.faults
    asked = _logic(settings, ports, channels)
    return Upcasting(
        inner=Projector(
            name=component.name,
            logic=asked,
            service=component.projector_service,
            faults=faults,
            output=_output(settings, ports),
        ),
        upcaster=Upcaster(component.upcaster, channels),
        wants=interest.wants,
    )


def _output(settings: Settings, ports: Ports) -> Output | None:
    shown = Output(bus=ports.bus, clock=ports.system.clock)
    return shown if settings.component.stream_output else None


def _policy(settings: Settings, handler: Upcasting, readiness: Readiness, watch: Watch) -> Policy:
    delivery = settings.delivery
    return Policy(
        wants=handler.may_want,
        report=readiness.set,
        begun=watch.track.begun,
        stored=watch.track.stored,
        duration=DURATION,
        attempts=delivery.attempts,
        poll_seconds=delivery.poll_seconds,
        window=delivery.window,
    )


def main() -> None:
    """Run the coordinator with the settings of this process."""
    run_coordinator("projector", serve)
