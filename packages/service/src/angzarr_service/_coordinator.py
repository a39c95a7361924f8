"""A coordinator, or a reader without a store, as a process: settings, telemetry, ports, `serve`."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

from angzarr_access import open_access
from angzarr_bus import Bus
from angzarr_discovery import Discovery
from angzarr_ports import System
from angzarr_service._ports import Ports, opened_bus, opened_discovery, opened_ports
from angzarr_service._process import run_process
from angzarr_settings import Settings, load
from angzarr_telemetry import observe_process
from angzarr_trust import open_trust


def run_coordinator(
    kind: str, serve: Callable[[Settings, Ports, asyncio.Event], Awaitable[None]]
) -> None:
    """Run `serve(settings, ports, stop)` with the settings of this process; see `run_process`."""

    async def start(settings: Settings, system: System, stop: asyncio.Event) -> None:
        system = await prepared(settings, kind, system)
        async with opened_ports(settings, system) as ports:
            await serve(settings, ports, stop)

    run_process(load, start)


def run_reader(
    kind: str, serve: Callable[[Settings, System, Discovery, Bus, asyncio.Event], Awaitable[None]]
) -> None:
    """Run `serve(settings, system, discovery, bus, stop)` of a process that owns no store."""

    async def start(settings: Settings, system: System, stop: asyncio.Event) -> None:
        system = await prepared(settings, kind, system)
        async with (
            opened_discovery(settings, system) as discovery,
            opened_bus(settings, system) as bus,
        ):
            await serve(settings, system, discovery, bus, stop)

    run_process(load, start)


async def prepared(settings: Settings, kind: str, system: System) -> System:
    """Begin to write log lines and to measure; return the ports, with who peers are.

    Raises:
        RefusedError: the certificate or the rules cannot be used.
    """
    observe_process(settings, kind, system)
    access = await open_access(settings.access, system) if settings.access else None
    trust = await open_trust(settings.tls, system)
    return dataclasses.replace(system, access=access, trust=trust)
