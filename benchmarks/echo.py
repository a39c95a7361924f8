"""Reference: unary gRPC calls over a Unix socket to a server that only echoes."""

import argparse
import asyncio
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import grpc
from closed_loop import Point, closed_loop
from echo_server import METHOD, SERVICE

PAYLOAD_BYTES = 200
WARM_UP_SECONDS = 0.3
TIMEOUT_SECONDS = 30.0
SERVER = Path(__file__).with_name("echo_server.py")


async def measure(address: str, *, in_flight: int, seconds: float) -> Point:
    """Return calls per second and latencies."""
    payload = b"x" * PAYLOAD_BYTES
    async with grpc.aio.insecure_channel(address) as channel:
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            f"/{SERVICE}/{METHOD}"
        )

        async def call() -> bool:
            await method(payload, timeout=TIMEOUT_SECONDS, wait_for_ready=True)
            return True

        await closed_loop(call, in_flight=in_flight, seconds=WARM_UP_SECONDS)
        samples = await closed_loop(call, in_flight=in_flight, seconds=seconds)
    return samples.point(in_flight)


def main() -> None:
    """Print one point as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    address = f"unix:{given.directory / 'echo.sock'}"
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, SERVER, address], stdin=subprocess.PIPE, start_new_session=True
    ):
        point = asyncio.run(measure(address, in_flight=given.in_flight, seconds=given.seconds))
    print(json.dumps(asdict(point)))


if __name__ == "__main__":
    main()
