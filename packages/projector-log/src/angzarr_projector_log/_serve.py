"""The log projector as a running process."""

import asyncio
from contextlib import aclosing

from angzarr_discovery import Discovery
from angzarr_feed import RemoteFeed
from angzarr_ports import System
from angzarr_projector_log._lines import Lines
from angzarr_replicas import Replicas
from angzarr_service import (
    Channels,
    Server,
    ServerConfig,
    opened_discovery,
    prepared,
    run_process,
)
from angzarr_settings import Settings, load
from angzarr_telemetry import Readiness, monitored

NAME = "projector-log"


async def serve(
    settings: Settings, system: System, discovery: Discovery, stop: asyncio.Event
) -> None:
    """Write a line per event of every domain that discovery knows until `stop` is set.

    Raises:
        RefusedError: somebody else listens at the address.
    """
    async with aclosing(Channels(transport=system.transport, trust=system.trust)) as channels:
        replicas = Replicas(discovery, channels, system.clock)
        server = Server(ServerConfig.of(settings), system)
        server.add("angzarr.ProjectorCoordinator", object())  # its health is asked by this name
        async with server.serving(drain_seconds=0):
            readiness = Readiness(server.ready, system)
            async with monitored(settings, NAME, readiness, system):
                tasks = []
                for domain in discovery.domains():
                    feed = RemoteFeed(domain, replicas)
                    lines = Lines(domain, feed, readiness, system)
                    await lines.wait()
                    tasks.append(system.tasks.start(f"lines {domain}", lines.run()))
                await readiness.started()
                await stop.wait()
                for task in tasks:
                    task.cancel()


def main() -> None:
    """Run the log projector with the settings of this process."""
    run_process(load, _start)


async def _start(settings: Settings, system: System, stop: asyncio.Event) -> None:
    system = await prepared(settings, NAME, system)
    async with opened_discovery(settings, system) as discovery:
        await serve(settings, system, discovery, stop)
