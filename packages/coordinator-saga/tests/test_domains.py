"""A saga that reads several domains, and what it does not read (contract.md §4.5)."""

import asyncio
import json
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BoolValue

from angzarr.types_pb2 import CommandBook, ComponentDescriptor, GetDescriptorRequest
from angzarr_store import RefusedError

from .logic import Target, command
from .world import ROOT, World

OTHER = bytes([1]) * 16
STRING = "google.protobuf.StringValue"
BOTH = '--component.inputs=["order", "cart"]'


@pytest.fixture
async def targets(empty_world: World) -> dict[str, Target]:
    """Start a saga that reads two domains and commands a foreign coordinator for each."""
    world = empty_world
    made = {"order": Target(), "cart": Target()}
    for domain, target in made.items():
        world.routes[domain] = world.address(domain)
        world.routes[f"{domain}-stock"] = world.address(f"{domain}-stock")
        await world.serve(f"{domain}-stock", target)
        await world.start_aggregate(domain)
    await world.start_logic()
    await world.start_saga(BOTH)
    await world.until(world.is_serving)
    world.saga.decide = to_stock_of_its_domain
    return made


def to_stock_of_its_domain(request: Any) -> list[CommandBook]:
    """Return a command to the stock of the event's domain."""
    return [command("reserve", domain=f"{request.source.cover.domain}-stock", root=ROOT)]


async def test_every_input_has_its_own_checkpoint(
    targets: dict[str, Target], empty_world: World
) -> None:
    """Each log is followed by itself."""
    world = empty_world
    await world.order("one")
    await world.order("two", sequence=1)
    await world.send("cart", command("three", domain="cart", root=ROOT))

    await world.until_done(2)
    await world.until(lambda: world.ledger.checkpoint("cart") == 1)

    assert (len(targets["order"].got), len(targets["cart"].got)) == (2, 1)
    assert sorted(world.saga.seen) == ["one", "three", "two"]


async def test_a_mismatch_in_one_domain_concerns_no_other(
    targets: dict[str, Target], empty_world: World
) -> None:
    """An event at the same position of another log keeps its decision."""
    world, orders, carts = empty_world, targets["order"], targets["cart"]
    orders.answers, carts.answers = [("ABORTED", "")], [("UNAVAILABLE", "CONFLICT")]
    carts.gate = asyncio.Event()
    await world.send("cart", command("cart", domain="cart", root=ROOT))
    await world.until(lambda: carts.got)

    first, second = asyncio.Event(), asyncio.Event()
    world.saga.gate = first
    await world.order("order")
    await world.until(lambda: len(world.saga.executed) == 2)
    world.saga.gate = second
    first.set()
    await world.until(lambda: len(world.saga.executed) == 3)
    carts.gate.set()
    await world.until(lambda: len(carts.got) == 2 or len(world.saga.executed) == 4)
    second.set()
    await world.until_done(1)

    assert world.saga.seen == ["cart", "order", "order"]


async def test_only_the_declared_types_are_shown(empty_world: World) -> None:
    """Another event of the same domain counts as done."""
    inputs = json.dumps([{"domain": "order", "types": [STRING]}])
    await empty_world.start(f"--component.inputs={inputs}")

    await empty_world.send("order", CommandBook.to("order", ROOT, BoolValue(value=True)))
    await empty_world.order("two apples", sequence=1)
    await empty_world.until_done(2)

    assert empty_world.saga.seen == ["two apples"]


@pytest.mark.parametrize("every", ["*", "#"])
async def test_a_wildcard_reads_every_domain(empty_world: World, every: str) -> None:
    """Every domain that has an owner, each event once though one is also named."""
    empty_world.saga.decide = lambda _: []
    await empty_world.start(f'--component.inputs=["order", "{every}"]')

    await empty_world.order("one")
    await empty_world.send("inventory", command("two", root=ROOT))
    await empty_world.until_done(1)
    await empty_world.until(lambda: empty_world.ledger.checkpoint("inventory") == 1)

    assert sorted(empty_world.saga.seen) == ["one", "two"]


async def test_another_domain_is_not_shown(world: World) -> None:
    """The events of the target do not come back to the saga."""
    await world.order("two apples")
    await world.until_done(1)
    await world.order("more", sequence=1)
    await world.until_done(2)

    assert len(await world.stock()) == 2
    assert world.saga.seen == ["two apples", "more"]


async def test_events_of_one_root_come_in_order(empty_world: World) -> None:
    """The next one starts when all commands of the one before have a result; others go on."""
    world, target = empty_world, Target()
    target.gate = asyncio.Event()
    await world.serve("inventory", target)
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga()

    await world.order("one")
    await world.order("two", sequence=1)
    await world.order("other", root=OTHER)
    await world.until(lambda: len(target.got) == 2)
    seen = list(world.saga.seen)
    target.gate.set()
    await world.until_done(3)

    assert sorted(seen) == ["one", "other"]
    assert len(world.saga.seen) == 3
    assert world.saga.seen[2] == "two"


async def test_every_event_of_one_command_is_shown_alone(world: World) -> None:
    """Each page of an append is a call of its own, in order."""
    world.logic["order"].copies = 3

    await world.order("two apples")
    await world.until_done(3)

    pages = [list(request.source.pages) for request in world.saga.executed]
    assert [[page.num for page in book] for book in pages] == [[0], [1], [2]]
    assert len(await world.stock()) == 3


async def test_what_came_before_the_saga_is_shown_too(empty_world: World) -> None:
    """A new saga starts at the beginning of the log, without a bus."""
    await empty_world.start_aggregate("order")
    for sequence in range(5):
        await empty_world.order(f"{sequence}", sequence=sequence)

    await empty_world.start_aggregate("inventory")
    await empty_world.start_logic()
    await empty_world.start_saga()
    await empty_world.until_done(5)

    assert empty_world.saga.seen == ["0", "1", "2", "3", "4"]


async def test_the_descriptor_names_what_settings_leave_out(empty_world: World) -> None:
    """Inputs and outputs of logic that describes itself."""
    told = ComponentDescriptor(name="x", component_type="saga")
    told.inputs.add(domain="order")
    told.outputs.add(domain="elsewhere")
    serve_descriptor(empty_world, told)
    await empty_world.start("--component.inputs=[]")

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    (letter,) = empty_world.ledger.parked
    assert letter.reason == "LOGIC_REPLY_INVALID"
    assert empty_world.saga.seen == ["two apples"]


async def test_settings_win_over_the_descriptor(empty_world: World) -> None:
    """Logic that names another domain is overruled."""
    told = ComponentDescriptor(name="x", component_type="saga")
    told.inputs.add(domain="elsewhere")
    serve_descriptor(empty_world, told)
    await empty_world.start()

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert len(await empty_world.stock()) == 1


def serve_descriptor(world: World, told: ComponentDescriptor) -> None:
    """Let the saga's logic describe itself."""

    async def answer(_request: object, _context: object) -> ComponentDescriptor:
        return told

    world.saga.methods["Saga/GetDescriptor"] = GetDescriptorRequest, answer


async def test_a_saga_without_inputs_refuses_to_start(empty_world: World) -> None:
    """Neither settings nor a descriptor name one; the error says what to do."""
    await empty_world.start_logic()

    with pytest.raises(RefusedError, match="the descriptor of saga-order-inventory names none"):
        await empty_world.run_saga("--component.inputs=[]")
