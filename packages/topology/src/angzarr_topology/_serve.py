"""The topology as a running process."""

import asyncio
from contextlib import aclosing

from angzarr_bus import Bus
from angzarr_defence import is_local, is_ours
from angzarr_discovery import Discovery
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import (
    Channels,
    run_reader,
)
from angzarr_settings import Settings
from angzarr_store import RefusedError
from angzarr_telemetry import HttpServer, Readiness, monitored
from angzarr_topology._graph import Graph
from angzarr_topology._routes import Routes
from angzarr_topology._watch import SUBSCRIBED, Watch

NAME = "topology"


async def serve(
    settings: Settings, system: System, discovery: Discovery, bus: Bus, stop: asyncio.Event
) -> None:
    """Serve the graph over HTTP until `stop` is set.

    Raises:
        RefusedError: the address cannot be used, or others could reach it.
    """
    if not is_local(settings.listen):
        raise RefusedError("listen", settings.listen, "use 127.0.0.1 or [::1]: there is no TLS")
    graph, readiness = Graph(), Readiness(_nobody, system)
    await readiness.set(SUBSCRIBED, "not yet")
    routes = Routes(graph, readiness, system.clock, stop)
    async with aclosing(Channels(transport=system.transport, trust=system.trust)) as channels:
        replicas = Replicas(discovery, channels, system.clock)
        watch = Watch(graph, replicas, bus, system)
        watch.seed()
        tasks = [
            system.tasks.start("descriptors", watch.listen()),
            system.tasks.start("traffic", watch.look(readiness)),
        ]
        server = HttpServer(routes.by_path(), is_ours)
        try:
            async with (
                monitored(settings, NAME, readiness, system),
                server.serving(settings.listen),
            ):
                await readiness.started()
                await stop.wait()
        except OSError as error:
            raise RefusedError("listen", settings.listen, "choose another address") from error
        finally:
            for task in tasks:
                task.cancel()


async def _nobody(_ready: bool) -> None:  # noqa: FBT001 - the one parameter of a callback
    """Who asks whether it is ready asks over HTTP."""


def main() -> None:
    """Run the topology with the settings of this process."""
    run_reader(NAME, serve)
