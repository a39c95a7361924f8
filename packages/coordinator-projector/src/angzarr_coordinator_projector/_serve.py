"""The coordinator of one projector as a running process."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from angzarr_coordinator_projector._models import Models
from angzarr_coordinator_projector._rebuild import Rebuild
from angzarr_coordinator_projector._steering import Steering
from angzarr_coordinator_projector._sync import Sync
from angzarr_coordinator_projector._versions import Versions
from angzarr_deadletter import Component, DeadLetters
from angzarr_descriptor import descriptor_of, tell
from angzarr_feed import RemoteFeed
from angzarr_link import LinkedChannels
from angzarr_progress import Progress, Watch
from angzarr_reaction import Interest, Logic
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What answers others; it hears of what runs once the inputs are known."""

    whose: Component
    letters: DeadLetters
    watch: Watch
    versions: Versions
    rebuild: Rebuild

    @staticmethod
    def of(settings: Settings, ports: Ports) -> "Desk":
        """Return the desk of the component that the settings name."""
        name, ledger, system = settings.component.name, ports.store.ledger, ports.system
        whose = Component(name=name, kind="projector")
        watch = Watch(name, whose.kind, ledger, system.clock)
        versions = Versions(name, ledger, system.faults)
        return Desk(
            whose=whose,
            letters=DeadLetters(whose, ledger, system.clock),
            watch=watch,
            versions=versions,
            rebuild=Rebuild(versions, watch, system.clock),
        )

    def steered(self, models: Models, readiness: Readiness) -> Steering:
        """Return what runs the subscriptions, known to who answers."""
        self.watch.begin({it.domain: it.feed for it in models.sources}, models.interest.follows)
        made = Steering(self.versions, models, self.watch, self.whose, readiness.set)
        self.rebuild.begin(models, made)
        self.letters.worked_by(made.resume)
        self.watch.brake = made
        return made


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Project the events of the inputs until `stop` is set, then drain.

    Raises:
        RefusedError: neither settings nor descriptor name an input, or the address is taken.
        FencedError: another process has taken a subscription.
    """
    async with aclosing(LinkedChannels.of(settings, ports.system)) as channels:
        server, desk = Server(ServerConfig.of(settings), ports.system), Desk.of(settings, ports)
        server.add("angzarr.DeadLetters", desk.letters)
        server.add("angzarr.Progress", Progress(desk.watch, ports.system.clock))
        server.add("angzarr.ProjectorRebuild", desk.rebuild)
        replicas = Replicas(ports.discovery, channels, ports.system.clock)
        address, limit = settings.component.logic, settings.logic_deadline
        sync = Sync(
            watch=desk.watch,
            replicas=replicas,
            clock=ports.system.clock,
            logic=Logic(address, channels, ports.system.faults, timeout_seconds=limit),
            speculative=settings.component.speculative,
        )
        server.add("angzarr.ProjectorCoordinator", sync)
        async with server.serving(drain_seconds=0):
            readiness = Readiness(server.ready, ports.system)
            async with monitored(settings, "projector", readiness, ports.system):
                models = await _models(settings, ports, channels, replicas)
                logic = PeerHealth(address, channels)
                await readiness.watch("store", ports.store.probe)
                await readiness.watch("logic", lambda: logic.check(settings.component.logic_health))
                steering = desk.steered(models, readiness)
                await readiness.started(*desk.watch.conditions)
                await steering.run(stop)


async def _models(
    settings: Settings, ports: Ports, channels: Channels, replicas: Replicas
) -> Models:
    component = settings.component
    descriptor = await descriptor_of(component, "projector", channels)
    ports.system.tasks.start("descriptor", tell(ports.bus, ports.system, descriptor))
    sources = [
        Source(domain=it, feed=RemoteFeed(it, replicas), bus=ports.bus)
        for it in descriptor.input_domains(ports.discovery.domains())
    ]
    interest = Interest(
        descriptor=descriptor,
        anywhere=component.type_match == "suffix",
        editions=component.editions,
    )
    return Models(
        settings=settings,
        ports=ports,
        channels=channels,
        replicas=replicas,
        interest=interest,
        sources=sources,
    )


def main() -> None:
    """Run the coordinator with the settings of this process."""
    run_coordinator("projector", serve)
