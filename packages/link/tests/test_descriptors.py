"""What logic says of itself when its link opens (contract.md §4.15)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from angzarr import rpc
from angzarr.link_pb2 import LinkHello, LinkReplies
from angzarr.types_pb2 import ComponentDescriptor, GetDescriptorRequest
from angzarr_ports import System
from angzarr_service import CallError

from .foreign import Foreign, Link, greeted, silent
from .world import World


@pytest.mark.parametrize("link", [None, silent, greeted])
async def test_without_a_descriptor_in_its_hello_logic_is_asked(
    place: Path, system: System, link: Link | None
) -> None:
    """It need not know the question: then it has said nothing of itself."""
    world = World(f"unix:{place}/d.sock", system)
    async with Foreign(world.address, link).serving(), aclosing(world.channels):
        with pytest.raises(CallError) as caught:
            await described(world)

    assert caught.value.status.is_unimplemented


async def test_a_descriptor_in_the_hello_replaces_the_question(place: Path, system: System) -> None:
    """Logic that has a link needs no GetDescriptor."""
    component = ComponentDescriptor(name="order", component_type="aggregate")

    async def telling(_: Foreign, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        hello = LinkHello(protocol=1, component=component)
        yield LinkReplies(hello=hello).SerializeToString()
        async for _frame in frames:
            pass

    world = World(f"unix:{place}/t.sock", system)
    async with Foreign(world.address, telling).serving(), aclosing(world.channels):
        assert await described(world) == component


async def described(world: World) -> ComponentDescriptor:
    """Ask logic what it is, as coordinators do at their start."""
    return await world.channels.call(
        world.address, rpc.Aggregate.GetDescriptor, GetDescriptorRequest(), timeout_seconds=2
    )
