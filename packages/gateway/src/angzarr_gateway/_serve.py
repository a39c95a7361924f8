"""The gateway as a running process."""

import asyncio
from dataclasses import dataclass

from angzarr_discovery import Discovery
from angzarr_gateway._commands import Commands
from angzarr_gateway._queries import Feeds, Queries
from angzarr_gateway._upstream import Upstream
from angzarr_plugins import plugin
from angzarr_ports import System
from angzarr_service import (
    Admission,
    Channels,
    Server,
    ServerConfig,
    components_of,
    run_process,
)
from angzarr_settings import Settings, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the gateway reaches the world through."""

    system: System
    discovery: Discovery


async def serve(settings: Settings, ports: Ports, stop: asyncio.Event) -> None:
    """Serve every domain that discovery knows until `stop` is set, then drain."""
    channels = Channels()
    upstream = Upstream(discovery=ports.discovery, channels=channels)
    admission = Admission(
        command_bytes=settings.limits.command_bytes,
        derive_correlation=settings.component.derive_correlation,
    )
    server = Server(ServerConfig.of(settings), ports.system)
    server.add("angzarr.CommandGateway", Commands(upstream, admission, ports.system))
    server.add("angzarr.EventQuery", Queries(upstream, ports.system))
    server.add("angzarr.EventFeed", Feeds(upstream, ports.system))
    await server.start()
    await server.ready(serving=True)
    await stop.wait()
    await server.aclose(drain_seconds=settings.shutdown.drain_seconds)
    await channels.aclose()


def main() -> None:
    """Run the gateway with the settings of this process."""
    settings = load()

    async def start(system: System, stop: asyncio.Event) -> None:
        found = plugin("angzarr.discovery", settings.discovery.kind, Discovery)  # type: ignore[type-abstract]  # the contract is asked for
        discovery = await found.open(components_of(settings.discovery), system)
        await serve(settings, Ports(system=system, discovery=discovery), stop)
        await discovery.aclose()

    run_process(start)
