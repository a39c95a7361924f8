"""What others may ask a projector's coordinator (contract.md §4.8)."""

import asyncio

import grpc
import pytest

from angzarr.projector_pb2_grpc import ProjectorCoordinatorStub
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.types_pb2 import EventBook, Projection, Query, SyncEventBook, SyncMode

from .logic import text_of
from .world import PROJECTOR, ROOT, World


async def history(world: World) -> EventBook:
    """Return the pages of the root as a foreign coordinator has them: without positions."""
    query = Query()
    query.cover.address("order", ROOT)
    book = await EventQueryStub(world.channel("order")).GetEventBook(query, timeout=10)
    for page in book.pages:
        page.ClearField("position")
    found: EventBook = book
    return found


async def synced(world: World, book: EventBook, *, seconds: float = 10) -> Projection:
    """Return what the projector's coordinator answers to the pages."""
    stub = ProjectorCoordinatorStub(world.channel("projector"))
    request = SyncEventBook(events=book, sync_mode=SyncMode.SYNC_MODE_SIMPLE)
    projection: Projection = await stub.HandleSync(request, timeout=seconds)
    return projection


async def refused(world: World, book: EventBook) -> tuple[grpc.StatusCode, str | None]:
    """Return code and text of a refusal."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await synced(world, book, seconds=0.5)
    return caught.value.code(), caught.value.details()


async def test_a_foreign_coordinator_gets_the_projection_of_the_last_page(world: World) -> None:
    """It has no positions; the pages are applied by the subscription, each once."""
    await world.order("one")
    await world.order("two", sequence=1)

    projection = await synced(world, await history(world))

    assert text_of(projection.projection) == "two"
    assert (projection.projector, projection.sequence) == (PROJECTOR, 1)
    assert projection.cover.root.value == ROOT
    assert world.projector.seen == ["one", "two"]


async def test_pages_that_are_not_applied_are_waited_for(world: World) -> None:
    """They are never applied out of order, and by nobody else; the deadline ends the wait."""
    world.projector.gates["one"] = asyncio.Event()
    await world.order("one")
    book = await history(world)

    late = await refused(world, book)
    world.projector.gates["one"].set()

    assert late[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    assert text_of((await synced(world, book)).projection) == "one"
    assert world.projector.seen == ["one"]


async def test_parked_pages_are_refused(world: World) -> None:
    """With the letter that an operator will look for."""
    world.projector.failing = lambda _: True
    await world.order("bad")
    await world.until_done(1)

    found = await refused(world, await history(world))

    text = f"Parked as {PROJECTOR}:order:1"
    assert found == (grpc.StatusCode.FAILED_PRECONDITION, text)


async def test_a_foreign_domain_is_refused(world: World) -> None:
    """The projector does not read it."""
    book = EventBook()
    book.cover.address("cart", ROOT)
    book.pages.add(num=0)

    text = f"Projector {PROJECTOR} does not subscribe to domain: cart"
    assert await refused(world, book) == (grpc.StatusCode.NOT_FOUND, text)


async def test_another_timeline_is_refused(world: World) -> None:
    """A projector gets main only."""
    book = EventBook()
    book.cover.address("order", ROOT, edition="what-if")
    book.pages.add(num=0, position=1)

    text = f"Projector {PROJECTOR} does not follow edition: what-if"
    assert await refused(world, book) == (grpc.StatusCode.NOT_FOUND, text)


async def test_no_pages_are_refused(world: World) -> None:
    """There is nothing to wait for."""
    found = await refused(world, EventBook())

    assert found == (grpc.StatusCode.INVALID_ARGUMENT, "SyncEventBook must have events")


async def test_a_hint_is_answered_at_once(world: World) -> None:
    """Whatever the projector is doing."""
    world.projector.gates["one"] = asyncio.Event()
    await world.order("one")

    stub = ProjectorCoordinatorStub(world.channel("projector"))
    await stub.Handle(await history(world), timeout=5)

    assert world.ledger.checkpoint() == 0
    world.projector.gates["one"].set()
