"""The coordinator of one saga as a running process."""

import asyncio
from contextlib import aclosing

from angzarr.types_pb2 import ComponentDescriptor
from angzarr_coordinator_saga._saga import Rules, Saga
from angzarr_coordinator_saga._speculation import Speculation
from angzarr_deadletter import Component, DeadLetters
from angzarr_delivery import Policy, Subscriber
from angzarr_descriptor import descriptor_of, tell
from angzarr_dispatch import Consequence, Dispatcher
from angzarr_feed import RemoteFeed
from angzarr_link import LinkedChannels
from angzarr_ports import Metric, MetricKind
from angzarr_progress import Progress, Watch
from angzarr_reaction import Interest, Logic, Peers, Settlement, Upcasting
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
from angzarr_telemetry import Readiness, monitored
from angzarr_upcaster import Upcaster

DURATION = Metric(
    name="angzarr_saga_duration_seconds",
    help="How long one attempt to react to an event took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """React to the events of the saga's inputs until `stop` is set, then drain.

    Raises:
        RefusedError: neither settings nor descriptor name an input, or the address is taken.
        FencedError: another process has taken a subscription.
    """
    async with aclosing(LinkedChannels.of(settings, ports.system)) as channels:
        server = Server(ServerConfig.of(settings), ports.system)
        whose = Component(name=settings.component.name, kind="saga")
        letters = DeadLetters(whose, ports.store.ledger, ports.system.clock)
        server.add("angzarr.DeadLetters", letters)
        watch = Watch(whose.name, whose.kind, ports.store.ledger, ports.system.clock)
        server.add("angzarr.Progress", Progress(watch, ports.system.clock))
        speculation = Speculation()
        server.add("angzarr.SagaCoordinator", speculation)
        async with server.serving(drain_seconds=0):
            readiness = Readiness(server.ready, ports.system)
            async with monitored(settings, "saga", readiness, ports.system):
                reach = (channels, readiness, letters, watch, speculation)
                await _work(settings, ports, reach, stop)


async def _work(
    settings: Settings,
    ports: Ports,
    reach: tuple[Channels, Readiness, DeadLetters, Watch, Speculation],
    stop: asyncio.Event,
) -> None:
    channels, readiness, letters, watch, speculation = reach
    component, ledger = settings.component, ports.store.ledger
    descriptor = await descriptor_of(component, "saga", channels)
    ports.system.tasks.start("descriptor", tell(ports.bus, ports.system, descriptor))
    logic = PeerHealth(component.logic, channels)
    await readiness.watch("store", ports.store.probe)
    await readiness.watch("logic", lambda: logic.check(component.logic_health))
    replicas = Replicas(ports.discovery, channels, ports.system.clock)
    sources = [
        Source(domain=it, feed=RemoteFeed(it, replicas), bus=ports.bus)
        for it in descriptor.input_domains(ports.discovery.domains())
    ]
    watch.begin({it.domain: it.feed for it in sources})
    upcaster = Upcaster(component.upcaster, channels)
    timeout = settings.usual_deadline
    peers = Peers(replicas, upcaster, timeout_seconds=timeout)
    saga = _saga(settings, ports, (channels, peers), descriptor)
    speculation.worked_by(saga)
    interest = Interest(descriptor=descriptor, anywhere=component.type_match == "suffix")
    handler = Upcasting(inner=saga, upcaster=upcaster, wants=interest.wants)
    policy = _policy(settings, handler, readiness, watch)
    subscriber = Subscriber(component.name, sources, ledger, policy, ports.system)
    letters.worked_by(subscriber.resume)
    watch.brake = subscriber
    await readiness.started(*watch.conditions)
    await subscriber.run(handler, stop, drain_seconds=settings.shutdown.drain_seconds)


def _policy(settings: Settings, handler: Upcasting, readiness: Readiness, watch: Watch) -> Policy:
    delivery = settings.delivery
    return Policy(
        wants=handler.may_want,
        report=readiness.set,
        stands_by=watch.track.stand_by,
        begun=watch.track.begun,
        stored=watch.track.stored,
        duration=DURATION,
        attempts=delivery.attempts,
        poll_seconds=delivery.poll_seconds,
        window=delivery.window,
    )


def _saga(
    settings: Settings,
    ports: Ports,
    reach: tuple[Channels, Peers],
    descriptor: ComponentDescriptor,
) -> Saga:
    (channels, peers), component, limits = reach, settings.component, settings.limits
    rules = Rules(
        component=component.name,
        outputs=tuple(descriptor.outputs),
        drops_events=component.saga_events == "drop",
        limit_commands=limits.reply_commands,
        limit_destinations=limits.reply_destinations,
    )
    faults, timeout = ports.system.faults, settings.logic_deadline
    logic = Logic(component.logic, channels, faults, timeout_seconds=timeout)
    asked = component.compensation.fallback
    fallback = Consequence(emit=asked.emit, dead_letter=asked.dead_letter, escalate=asked.escalate)
    dispatcher = Dispatcher(send=peers.send, fallback=fallback, system=ports.system)
    settlement = Settlement(component=component.name, dispatcher=dispatcher, system=ports.system)
    return Saga(logic, peers, settlement, rules, faults)


def main() -> None:
    """Run the coordinator with the settings of this process."""
    run_coordinator("saga", serve)
