"""One call per event, its result with the checkpoint (contract.md §4.8)."""

import asyncio
import json

import pytest
from google.protobuf.wrappers_pb2 import BoolValue, StringValue

from angzarr.types_pb2 import (
    CommandBook,
    ComponentDescriptor,
    EventBook,
    EventPage,
    GetDescriptorRequest,
    Projection,
)
from angzarr_store import Advance, Apply, Batch, RefusedError, RootKey, SaveProjection, StoreConfig
from angzarr_store_memory import MemoryStore

from .logic import command, text_of, text_projection
from .world import PROJECTOR, ROOT, World

OTHER = bytes([1]) * 16
STRING = "google.protobuf.StringValue"


async def test_an_event_comes_alone_with_its_cover(world: World) -> None:
    """One call per event, one page per call, as it is stored."""
    first = await world.order("one")
    await world.order("two", sequence=1)
    await world.until_done(2)

    shown = world.projector.shown
    assert shown[0] == EventBook(cover=first.events.cover, pages=first.events.pages)
    assert [[page.num for page in book.pages] for book in shown] == [[0], [1]]
    assert [book.cover.correlation_id for book in shown] == ["flow one", "flow two"]


async def test_every_event_of_one_command_is_shown_alone(world: World) -> None:
    """Each page of an append is a call of its own, in order."""
    world.logic["order"].copies = 3

    await world.order("x")
    await world.until_done(3)

    assert [[page.num for page in book.pages] for book in world.projector.shown] == [[0], [1], [2]]


async def test_roots_are_in_order_and_do_not_wait_for_each_other(world: World) -> None:
    """The next event of a root is shown when the one before is stored."""
    world.projector.gates["one"] = gate = asyncio.Event()
    await world.order("one")
    await world.order("two", sequence=1)
    await world.order("other", root=OTHER)
    await world.order("another", root=OTHER, sequence=1)

    await world.until(lambda: len(world.ledger.projections) == 2 and "one" in world.projector.seen)
    seen = list(world.projector.seen)
    gate.set()
    await world.until_done(4)

    assert [text for text in seen if text != "one"] == ["other", "another"]
    assert seen.count("one") == 1
    assert world.projector.seen[-1] == "two"


async def test_a_projection_is_stored_with_the_checkpoint(world: World) -> None:
    """One transaction holds the result and that the event is done."""
    await world.order("one")
    await world.until_done(1)

    (changes,) = [
        changes
        for changes in world.ledger.commits
        if any(isinstance(it, SaveProjection) for it in changes)
    ]
    assert any(isinstance(it, Advance | Apply) for it in changes)


async def test_what_is_empty_is_filled(world: World) -> None:
    """Cover, projector and sequence of the event."""
    await world.order("one")
    await world.order("two", sequence=1)
    await world.until_done(2)

    first, second = world.ledger.projections
    assert first.cover == world.projector.shown[0].cover
    assert (first.projector, first.sequence) == (PROJECTOR, 0)
    assert (second.projector, second.sequence) == (PROJECTOR, 1)
    assert text_of(second.projection) == "two"


async def test_what_logic_has_set_is_kept(world: World) -> None:
    """A projector may name another cover, itself and another sequence."""

    def project(book: EventBook) -> Projection:
        projection = text_projection(book)
        projection.cover.address("list", OTHER)
        projection.projector, projection.sequence = "list", 7
        return projection

    world.projector.project = project

    await world.order("one")
    await world.until_done(1)

    (found,) = world.ledger.projections
    assert (found.cover.domain, found.projector, found.sequence) == ("list", "list", 7)


async def test_a_projector_without_a_result_is_done_too(world: World) -> None:
    """An empty Projection only says where the projector stands."""
    world.projector.project = lambda _: Projection()

    await world.order("one")
    await world.until_done(1)

    (found,) = world.ledger.projections
    assert (found.projector, found.HasField("projection")) == (PROJECTOR, False)


async def test_the_newest_projection_of_each_root_is_kept(world: World) -> None:
    """It can be read by root."""
    await world.order("one")
    await world.order("two", sequence=1)
    await world.order("other", root=OTHER)
    await world.until_done(3)

    assert await world.projection(ROOT) == (1, "two")
    assert await world.projection(OTHER) == (0, "other")
    assert await world.projection(bytes(16)) is None


async def test_only_the_declared_types_are_shown(empty_world: World) -> None:
    """Another event of the same domain counts as done."""
    inputs = json.dumps([{"domain": "order", "types": [STRING]}])
    await empty_world.start(f"--component.inputs={inputs}")

    await empty_world.send("order", CommandBook.to("order", ROOT, BoolValue(value=True)))
    await empty_world.order("two apples", sequence=1)
    await empty_world.until_done(2)

    assert empty_world.projector.seen == ["two apples"]


async def test_every_input_has_its_own_checkpoint(empty_world: World) -> None:
    """Each log is followed by itself."""
    world = empty_world
    await world.start_aggregate("cart")
    await world.start('--component.inputs=["order", "cart"]')

    await world.order("one")
    await world.order("two", sequence=1)
    await world.send("cart", command("three", domain="cart", root=ROOT))
    await world.until_done(2)
    await world.until(lambda: world.ledger.checkpoint("cart") == 1)

    assert sorted(world.projector.seen) == ["one", "three", "two"]


async def test_other_editions_are_not_shown(empty_world: World) -> None:
    """A projector that knows nothing of editions gets main only; the checkpoint passes them."""
    world = empty_world
    store = await MemoryStore.open(StoreConfig(url="", component="order"), world.system)
    log = await store.log("order")
    for number, edition in enumerate(["angzarr", "what-if", "what-if", "angzarr"]):
        root = bytes([number]) * 16
        await log.append(batch(edition, root, f"{number} {edition}"))
    await world.start_aggregate("order", store)
    await world.start_logic()
    await world.start_projector()

    await world.until_done(4)

    assert sorted(world.projector.seen) == ["0 angzarr", "3 angzarr"]
    assert {book.cover.edition.name for book in world.projector.shown} == {"angzarr"}


def batch(edition: str, root: bytes, text: str) -> Batch:
    """Return the append of one event."""
    page = EventPage(num=0, command_id=text)
    page.event.Pack(StringValue(value=text))
    return Batch(
        command_id=text,
        key=RootKey(edition=edition, root=root),
        type_url=STRING,
        base=0,
        correlation_id="flow",
        created_at="2026-01-01T00:00:00Z",
        pages=(page.SerializeToString(),),
    )


async def test_what_came_before_the_projector_is_shown_too(empty_world: World) -> None:
    """A new projector starts at the beginning of the log."""
    await empty_world.start_aggregate("order")
    for sequence in range(5):
        await empty_world.order(f"{sequence}", sequence=sequence)

    await empty_world.start_logic()
    await empty_world.start_projector()
    await empty_world.until_done(5)

    assert empty_world.projector.seen == ["0", "1", "2", "3", "4"]


async def test_the_descriptor_names_what_settings_leave_out(empty_world: World) -> None:
    """Inputs of logic that describes itself."""
    told = ComponentDescriptor(name="x", component_type="projector")
    told.inputs.add(domain="order")

    async def describe(_request: object, _context: object) -> ComponentDescriptor:
        return told

    empty_world.projector.methods["Projector/GetDescriptor"] = GetDescriptorRequest, describe
    await empty_world.start("--component.inputs=[]")

    await empty_world.order("one")
    await empty_world.until_done(1)

    assert empty_world.projector.seen == ["one"]


async def test_a_projector_without_inputs_refuses_to_start(empty_world: World) -> None:
    """Neither settings nor a descriptor name one; the error says what to do."""
    await empty_world.start_logic()

    with pytest.raises(RefusedError, match="the descriptor of projector-order-list names none"):
        await empty_world.run_projector("--component.inputs=[]")


async def test_what_is_projected_is_offered_if_that_is_wanted(empty_world: World) -> None:
    """Each result is a book of a domain of its own, with the root and the workflow of its event."""
    empty_world.flags["--component.stream_output"] = "true"
    domain = f"_projection.{PROJECTOR}.order"
    inbox = await empty_world.bus.subscribe(domain, "stream", limit_frames=9)
    await empty_world.start()
    await empty_world.order("one")

    async with asyncio.timeout(10):
        frame = await inbox.receive()

    page, projection = EventPage.FromString(frame.pages[0]), Projection()
    projection.ParseFromString(page.event.value)
    assert (frame.root, frame.correlation_id, frame.position) == (ROOT, "flow one", 0)
    assert (page.num, page.event.type_url) == (0, "angzarr.Projection")
    assert (projection.projector, projection.cover.domain) == (PROJECTOR, "order")
