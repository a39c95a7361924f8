"""Calls of logic: alone, within the link, and as messages of a raw stream."""

import argparse
import asyncio
import json
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import grpc
from closed_loop import Point, closed_loop
from link_server import LIMITS, METHOD, SERVICE

from angzarr import rpc
from angzarr.types_pb2 import ContextualCommand
from angzarr_link import LinkedChannels
from angzarr_ports import real_system
from angzarr_service import CallError

WAYS = ("unary", "link", "stream")
PAYLOAD_BYTES = 200
WARM_UP_SECONDS = 0.5
TIMEOUT_SECONDS = 30.0
READY_SECONDS = 10.0
SERVER = Path(__file__).with_name("link_server.py")

Work = Callable[[], Awaitable[bool]]


def _request() -> ContextualCommand:
    request = ContextualCommand()
    request.events.pages.add().event.value = b"x" * PAYLOAD_BYTES
    return request


@asynccontextmanager
async def calls(address: str, *, is_off: bool) -> AsyncIterator[Work]:
    """Enter with what calls logic; without `is_off` within the link as soon as that is open."""
    system, request = real_system(lambda name, error: sys.exit(f"{name}: {error}")), _request()
    made = LinkedChannels(system, limit_bytes=LIMITS.message_bytes, is_off=is_off)

    async def call() -> bool:
        with suppress(CallError):
            await made.call(address, rpc.Aggregate.Handle, request, timeout_seconds=TIMEOUT_SECONDS)
            return True
        return False

    async with aclosing(made):
        async with asyncio.timeout(READY_SECONDS):
            while not await call():
                await system.clock.sleep(0.02)
        yield call


@asynccontextmanager
async def messages(address: str) -> AsyncIterator[Work]:
    """Enter with what waits for an echo; what has gathered is one message of one stream."""
    waiting, data, asked = deque[asyncio.Future[None]](), _request().SerializeToString(), [0]
    async with AsyncExitStack() as stack:
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
        opened: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
        opened = channel.stream_stream(f"/{SERVICE}/{METHOD}")
        stream, gathered = opened(wait_for_ready=True), asyncio.Event()

        async def read() -> None:
            async for echoed in stream:
                for _ in range(len(echoed) // len(data)):
                    waiting.popleft().set_result(None)

        async def write() -> None:
            sent = 0
            while True:
                await gathered.wait()
                gathered.clear()
                count, sent = asked[0] - sent, asked[0]
                await stream.write(data * count)

        async def call() -> bool:
            echoed = asyncio.get_running_loop().create_future()
            waiting.append(echoed)
            asked[0] += 1
            gathered.set()
            await echoed
            return True

        group = await stack.enter_async_context(asyncio.TaskGroup())
        beside = [group.create_task(read()), group.create_task(write())]
        yield call
        for task in beside:
            task.cancel()


async def measure(way: str, directory: Path, *, in_flight: int, seconds: float) -> Point:
    """Return calls per second and latencies of one way."""
    places = [f"unix:{directory / name}" for name in ("link.sock", "raw.sock")]
    opened = messages(places[1]) if way == "stream" else calls(places[0], is_off=way == "unary")
    async with opened as call:
        await closed_loop(call, in_flight=in_flight, seconds=WARM_UP_SECONDS)
        samples = await closed_loop(call, in_flight=in_flight, seconds=seconds)
    return samples.point(in_flight)


def main() -> None:
    """Print one point as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=WAYS, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    places = [f"unix:{given.directory / name}" for name in ("link.sock", "raw.sock")]
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, SERVER, *places], stdin=subprocess.PIPE, start_new_session=True
    ):
        done = measure(given.way, given.directory, in_flight=given.in_flight, seconds=given.seconds)
        point = asyncio.run(done)
    print(json.dumps(asdict(point)))


if __name__ == "__main__":
    main()
