"""A coordinator as a process: settings, telemetry, ports, then its `serve`."""

import asyncio
from collections.abc import Awaitable, Callable

from angzarr_ports import System
from angzarr_service._monitoring import observe_process
from angzarr_service._ports import Ports, opened_ports
from angzarr_service._process import run_process
from angzarr_settings import Settings, load


def run_coordinator(
    kind: str, serve: Callable[[Settings, Ports, asyncio.Event], Awaitable[None]]
) -> None:
    """Run `serve(settings, ports, stop)` with the settings of this process; see `run_process`."""

    async def start(settings: Settings, system: System, stop: asyncio.Event) -> None:
        observe_process(settings, kind, system)
        async with opened_ports(settings, system) as ports:
            await serve(settings, ports, stop)

    run_process(load, start)
