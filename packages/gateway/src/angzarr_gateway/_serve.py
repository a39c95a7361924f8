"""The gateway as a running process."""

import asyncio
from contextlib import aclosing

from angzarr_admission import Admission
from angzarr_discovery import Discovery
from angzarr_gateway._commands import Commands
from angzarr_gateway._editions import Editions
from angzarr_gateway._events import Events
from angzarr_gateway._letters import Letters
from angzarr_gateway._progress import Progress
from angzarr_gateway._queries import Feeds, Queries
from angzarr_gateway._rebuilds import Rebuilds
from angzarr_gateway._speculations import Speculations
from angzarr_gateway._timers import Timers
from angzarr_gateway._upstream import Upstream
from angzarr_link import LinkedChannels
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import (
    Server,
    ServerConfig,
    opened_discovery,
    prepared,
    run_process,
)
from angzarr_settings import Settings, load
from angzarr_telemetry import Readiness, monitored


async def serve(
    settings: Settings, system: System, discovery: Discovery, stop: asyncio.Event
) -> None:
    """Serve every domain that discovery knows until `stop` is set, then drain.

    Raises:
        RefusedError: somebody else listens at the address.
    """
    async with aclosing(LinkedChannels.of(settings, system)) as channels:
        replicas = Replicas(discovery, channels, system.clock)
        upstream = Upstream(replicas=replicas, faults=system.faults)
        events = Events(
            address=settings.event_stream,
            channels=channels,
            idle_seconds=settings.stream_timeout,
        )
        server = Server(ServerConfig.of(settings), system)
        admission = Admission.of(settings, passed_on=False)
        server.add("angzarr.CommandGateway", Commands(upstream, admission, events, system))
        speculations = Speculations(upstream, admission, system.clock)
        server.add("angzarr.SpeculativeService", speculations)
        server.add("angzarr.EventStream", events)
        server.add("angzarr.EventQuery", Queries(upstream, system.clock))
        server.add("angzarr.EventFeed", Feeds(upstream, system.clock))
        server.add("angzarr.DeadLetters", Letters(upstream, system.clock))
        server.add("angzarr.EditionService", Editions(upstream, system.clock))
        server.add("angzarr.Timers", Timers(upstream, system.clock))
        server.add("angzarr.Progress", Progress(upstream, system.clock))
        server.add("angzarr.ProjectorRebuild", Rebuilds(upstream, system.clock))
        async with server.serving(drain_seconds=settings.shutdown.drain_seconds):
            readiness = Readiness(server.ready, system)
            async with monitored(settings, "gateway", readiness, system):
                await readiness.started()
                await stop.wait()


def main() -> None:
    """Run the gateway with the settings of this process."""
    run_process(load, _start)


async def _start(settings: Settings, system: System, stop: asyncio.Event) -> None:
    system = await prepared(settings, "gateway", system)
    async with opened_discovery(settings, system) as discovery:
        await serve(settings, system, discovery, stop)
