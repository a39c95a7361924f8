"""What a peer with a link of its own is shown, and what it may answer (contract.md §4.15)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from angzarr import rpc
from angzarr.link_pb2 import LinkCall, LinkCalls, LinkReplies, LinkReply
from angzarr_ports import System

from .foreign import HELLO, Foreign
from .world import World, contextual, echo


async def test_a_call_shows_its_deadline_and_whether_effects_are_allowed(
    place: Path, system: System
) -> None:
    """What travels as metadata of a call alone has a field within the link."""
    seen = list[LinkCall]()

    async def noting(_: Foreign, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield HELLO
        async for data in frames:
            for call in LinkCalls.FromString(data).calls:
                seen.append(call)
                reply = LinkReply(id=call.id, handled=echo(call.handle))
                yield LinkReplies(replies=[reply]).SerializeToString()

    world, sent = World(f"unix:{place}/m.sock", system), (("x-angzarr-speculative", "true"),)
    async with Foreign(world.address, noting).serving(), aclosing(world.channels):
        while not seen:
            await world.ask(1)
            await system.clock.sleep(0.005)
        await world.channels.call(
            world.address,
            rpc.Aggregate.Handle,
            contextual(2),
            timeout_seconds=5,
            metadata=(*sent, ("x-correlation-id", "c-1")),
        )

    assert [seen[0].speculative, seen[-1].speculative] == [False, True]
    assert seen[-1].metadata["x-correlation-id"] == "c-1"
    assert 4000 < seen[-1].deadline_ms <= 5000
    assert seen[0].id < seen[-1].id
