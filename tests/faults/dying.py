"""A component as a process with faults of a test: the console entry with one port replaced.

Usage: dying.py KIND FAULTS PLANTED [FLAG…], where KIND is aggregate, saga, projector, gateway or
supervisor, FAULTS as in points.py, and PLANTED a number of the registry of planted bugs, or -.
"""

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Silent:
    """A reporter that says when all is ready."""

    def ready(self, *_: object) -> None:
        """Say so."""
        print("Ready in no time", flush=True)  # noqa: T201 - the test reads it

    def failed(self, *told: object) -> None:
        """Pass on what failed."""
        print(*told, flush=True)  # noqa: T201 - the test reads it

    def line(self, text: str) -> None:
        """Nobody wants to hear it."""


def main(kind: str, faults: str, planted: str, flags: list[str]) -> None:
    """Run the component as its console script does."""
    sys.path[0] = str(ROOT)
    sys.argv[1:] = flags
    if planted != "-":
        importlib.import_module(f"tests.faults.planted.{planted.lower()}").plant()
    made = importlib.import_module("tests.faults.points").faults_of(faults)
    start, read = _entry(kind)

    async def serve(settings: Any, system: Any, stop: asyncio.Event) -> None:
        await start(settings, replace(system, faults=made), stop)

    importlib.import_module("angzarr_service").run_process(read, serve)


def _entry(kind: str) -> tuple[Callable[..., Any], Callable[[], Any]]:
    settings = importlib.import_module("angzarr_settings")
    if kind == "supervisor":
        flags = [it.replace("--gateway=", "--gateway.listen=") for it in sys.argv[2:]]
        return _up, partial(settings.load_project, flags, dict(os.environ))
    if kind == "gateway":
        return partial(_gateway, importlib.import_module("angzarr_gateway").serve), settings.load
    module = importlib.import_module(f"angzarr_coordinator_{kind}")
    return partial(_coordinator, module.serve), settings.load


async def _coordinator(serve: Any, settings: Any, system: Any, stop: asyncio.Event) -> None:
    service = importlib.import_module("angzarr_service")
    async with service.opened_ports(settings, system) as ports:
        await serve(settings, ports, stop)


async def _gateway(serve: Any, settings: Any, system: Any, stop: asyncio.Event) -> None:
    service = importlib.import_module("angzarr_service")
    async with service.opened_discovery(settings, system) as discovery:
        await serve(settings, system, discovery, stop)


async def _up(project: Any, system: Any, stop: asyncio.Event) -> None:
    up = importlib.import_module("angzarr_standalone").up
    await up(project, system, stop, environment=dict(os.environ), reporter=Silent())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
