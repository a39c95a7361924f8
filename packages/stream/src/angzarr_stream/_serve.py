"""The stream service as a running process."""

import asyncio
from contextlib import aclosing

from angzarr_bus import Bus
from angzarr_discovery import Discovery
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import (
    Channels,
    Server,
    ServerConfig,
    run_reader,
)
from angzarr_settings import Settings
from angzarr_stream._audience import Audience
from angzarr_stream._projections import Projections
from angzarr_stream._streams import Streams
from angzarr_telemetry import Readiness, monitored

NAME = "stream"


async def serve(
    settings: Settings, system: System, discovery: Discovery, bus: Bus, stop: asyncio.Event
) -> None:
    """Serve the events of every domain that discovery knows until `stop` is set.

    Raises:
        RefusedError: somebody else listens at the address.
    """
    size, transport = settings.limits.message_bytes, system.transport
    made = Channels(limit_bytes=size, transport=transport, trust=system.trust)
    async with aclosing(made) as channels:
        server = Server(ServerConfig.of(settings), system)
        projections = Projections(bus, discovery, system)
        replicas = Replicas(discovery, channels, system.clock)
        audience = Audience(replicas, projections, system)
        server.add("angzarr.EventStream", Streams(audience))
        server.add("angzarr.ProjectorCoordinator", object())  # its health is asked by this name
        async with server.serving(drain_seconds=settings.shutdown.drain_seconds):
            readiness = Readiness(server.ready, system)
            async with monitored(settings, NAME, readiness, system):
                await readiness.started()
                await stop.wait()


def main() -> None:
    """Run the stream service with the settings of this process."""
    run_reader(NAME, serve)
