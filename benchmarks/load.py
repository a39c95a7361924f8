"""A closed loop of CreateOrder through the gateway, in a process of its own."""

import argparse
import asyncio
import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import grpc
from closed_loop import Point, closed_loop
from orders import Orders
from reservations import Reservations, Settled

from angzarr.gateway_pb2_grpc import CommandGatewayStub

OPTIONS = [("grpc.use_local_subchannel_pool", 1)]
PRODUCTS = 100
WARM_UP_SECONDS = 0.5
READY_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the commands gave, and what the sagas made of them."""

    point: Point
    acknowledged: int
    failures: Mapping[str, int]
    settled: Settled | None

    @classmethod
    def parse(cls, plain: Mapping[str, Any]) -> "Loaded":
        """Return what a process has printed as JSON."""
        return cls(
            point=Point(**plain["point"]),
            acknowledged=plain["acknowledged"],
            failures=plain["failures"],
            settled=Settled(**plain["settled"]) if plain["settled"] else None,
        )


async def measure(gateway: str, *, in_flight: int, seconds: float, effects: bool) -> Loaded:
    """Create orders of products of their own; with `effects` wait for what the sagas do."""
    token = uuid.uuid4().hex[:8]
    products = [f"P-{token}-{number}" for number in range(PRODUCTS)]
    async with grpc.aio.insecure_channel(gateway, options=OPTIONS) as channel:
        async with asyncio.timeout(READY_SECONDS):
            await channel.channel_ready()
        reservations = Reservations(channel)
        if effects:
            await reservations.stock(products)
        orders = Orders(CommandGatewayStub(channel), products)
        await closed_loop(orders.create, in_flight=in_flight, seconds=WARM_UP_SECONDS)
        samples = await closed_loop(orders.create, in_flight=in_flight, seconds=seconds)
        if not samples:
            sys.exit(f"no command was acknowledged: {dict(orders.failures)}")
        settled = await reservations.settle(orders) if effects else None
    return Loaded(
        point=samples.point(in_flight),
        acknowledged=len(orders.acknowledged),
        failures=dict(orders.failures),
        settled=settled,
    )


def main() -> None:
    """Print one point as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", default="127.0.0.1:9084")
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--effects", action="store_true", help="give stock, await reservations")
    given = parser.parse_args()
    loaded = measure(
        given.gateway,
        in_flight=given.in_flight,
        seconds=given.seconds,
        effects=given.effects,
    )
    print(json.dumps(asdict(asyncio.run(loaded))))


if __name__ == "__main__":
    main()
