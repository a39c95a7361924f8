"""The gateway as a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .foreign import command, words
from .world import World, listens

Process = asyncio.subprocess.Process


@pytest.fixture
async def process(empty_world: World) -> AsyncIterator[Process]:
    """Start the console script in front of one domain."""
    await empty_world.start_logic("order")
    await empty_world.start_coordinator("order")
    made = await start(empty_world)
    await empty_world.until(lambda: listens(empty_world.gateway_address))
    yield made
    if made.returncode is None:
        made.kill()
        await made.wait()


async def start(world: World) -> Process:
    """Start one gateway at the address of the world."""
    endpoint = {"name": "order", "kind": "aggregate", "domain": "order"}
    endpoints = json.dumps([{**endpoint, "address": world.address("order")}])
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("angzarr-gateway")),
        f"--listen={world.gateway_address}",
        f"--discovery.endpoints={endpoints}",
        "--shutdown.drain_seconds=1",
        env={"PATH": os.defpath},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


async def test_a_process_serves_and_drains(process: Process, empty_world: World) -> None:
    """It finds the domains in its settings, and SIGTERM ends it with exit code 0."""
    response = await empty_world.client.execute(command("hello"))
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        output, _ = await process.communicate()

    lines = [json.loads(line) for line in output.splitlines()]
    assert words(response.events) == ["hello"]
    assert process.returncode == 0
    assert {line["component"] for line in lines} <= {"gateway"}


async def test_an_address_that_is_taken_refuses_the_start(
    process: Process, empty_world: World
) -> None:
    """Exit code 78 and a line that names the setting; the first one goes on."""
    second = await start(empty_world)
    async with asyncio.timeout(20):
        output, _ = await second.communicate()

    assert second.returncode == 78
    assert b"listen is " + empty_world.gateway_address.encode() in output
    assert process.returncode is None
    assert words((await empty_world.client.execute(command("hello"))).events) == ["hello"]
