"""One side of a link in a process of its own, which a test kills: `serve` or `call` ADDRESS."""

import asyncio
import sys

from world import World

from angzarr.types_pb2 import BusinessResponse, ContextualCommand
from angzarr_ports import real_system


async def serve(world: World) -> None:
    """Answer nothing but the number 0; say so when it listens."""

    async def act(request: ContextualCommand) -> BusinessResponse:
        if request.command.pages[0].sequence:
            sys.stdout.write("called\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
        return BusinessResponse(events={"pages": [{"num": 0}]})

    world.peer.act = act
    async with world.serving():
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def call(world: World) -> None:
    """Call until it is killed."""
    while True:
        await world.ask(0)
        async with asyncio.TaskGroup() as group:
            group.create_task(world.ask(1))


async def main() -> None:
    """Do what the arguments say."""
    role, address = sys.argv[1:]
    world = World(address, real_system(lambda name, error: sys.exit(f"{name}: {error}")))
    await (serve if role == "serve" else call)(world)


asyncio.run(main())
