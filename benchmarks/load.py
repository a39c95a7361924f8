"""A closed loop of CreateOrder through the gateway, in a process of its own."""

import argparse
import asyncio
import json
import statistics
import time
import uuid
from typing import TYPE_CHECKING

import grpc

from angzarr.gateway_pb2_grpc import CommandGatewayStub
from angzarr.types_pb2 import CommandBook
from examples.order_pb2 import CreateOrder, LineItem

if TYPE_CHECKING:
    from angzarr.gateway_pb2_grpc import CommandGatewayAsyncStub

OPTIONS = [("grpc.use_local_subchannel_pool", 1)]


async def caller(stub: "CommandGatewayAsyncStub", until: float, taken: list[float]) -> None:
    """Create orders one after the other."""
    item = LineItem(product_id="BENCH", quantity=1, unit_price_cents=100)
    command = CreateOrder(customer_id="C-1", items=[item])
    while time.perf_counter() < until:
        book = CommandBook.to("order", uuid.uuid4(), command)
        book.command_id = str(uuid.uuid4())
        began = time.perf_counter()
        await stub.Execute(book, timeout=30)
        taken.append(time.perf_counter() - began)


async def measure(address: str, in_flight: int, seconds: float) -> dict[str, float]:
    """Return commands per second and milliseconds at the median and the 99th percentile."""
    taken: list[float] = []
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        stub = CommandGatewayStub(channel)
        await caller(stub, time.perf_counter() + 0.5, [])
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(caller(stub, began + seconds, taken))
        wall = time.perf_counter() - began
    taken.sort()
    return {
        "in_flight": in_flight,
        "per_second": round(len(taken) / wall, 1),
        "p50_ms": round(statistics.median(taken) * 1000, 2),
        "p99_ms": round(taken[int(len(taken) * 0.99)] * 1000, 2),
    }


def main() -> None:
    """Print one JSON line per number of calls in flight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", default="127.0.0.1:9084")
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 8, 32, 64])
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    for in_flight in given.in_flight:
        found = asyncio.run(measure(given.gateway, in_flight, given.seconds))
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
