"""S8 on NATS: the bus is a hint; without its streams everything arrives, only later."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from angzarr_testserver_nats import NatsServer

from .system import System
from .trial import Trial

CLIENTS, ROOTS = 8, 8
WIPES, LONG_WIPES = 10, 200
AFTER_COMMANDS = 10

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]


def lose(server: NatsServer) -> bool:
    """Kill the server, delete its data and start it; say whether a stream was lost."""
    server.kill()
    held = any(server.data.rglob("angzarr-order"))
    server.wipe()
    server.start()
    return held


async def test_wiped_streams_lose_nothing(
    scratch: Path,
    tmp_path: Path,
    seed: int,
    make_nats_server: Callable[[], NatsServer],
    *,
    is_long: bool,
) -> None:
    """The server loses every stream at ten points of a load, and each comes back by itself."""
    server = await asyncio.to_thread(make_nats_server)
    bus = f"bus: {{kind: nats, url: '{server.url}'}}"
    trial = Trial(System(scratch, more=bus), seed=seed, roots=ROOTS)
    lost = 0
    async with trial.running():
        async with trial.loaded(CLIENTS):
            for _ in range(LONG_WIPES if is_long else WIPES):
                await trial.progress(AFTER_COMMANDS)
                lost += await asyncio.to_thread(lose, server)
        violations = await trial.verdict()

    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")
    assert lost > 0
