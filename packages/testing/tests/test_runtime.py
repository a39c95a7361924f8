"""A whole system in one event loop."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

import angzarr_coordinator_saga
from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import CommandBook
from angzarr_client import CommandError, CommandRouter, SagaRouter
from angzarr_service import Ports
from angzarr_settings import Settings
from angzarr_store import EventLog, LetterState, StoreUnavailableError
from angzarr_store_memory import MemoryStore
from angzarr_testing import RuntimeBuilder, World
from examples import inventory_root
from examples.inventory_pb2 import InventoryState, StockReserved
from examples.order_pb2 import CreateOrder, LineItem, OrderCancelled, OrderCreated

pytestmark = pytest.mark.usefixtures("grpc_stays")

ORDER = UUID(int=1)
PROJECTOR = "projector-inventory"
SAGA = "saga-order-inventory"


def creation(root: UUID, customer: str = "C-1", product: str = "P-1") -> CommandBook:
    """Return the command for an order of two pieces."""
    items = [LineItem(product_id=product, quantity=2)]
    return CommandBook.to("order", root, CreateOrder(customer_id=customer, items=items))


async def shown(world: World, product: str) -> InventoryState:
    """Return what the projector shows of a product."""
    state = InventoryState()
    projection = await world.projection(PROJECTOR, "inventory", inventory_root(product))
    projection.projection.Unpack(state)
    return state


@pytest.fixture
async def world(shop: RuntimeBuilder) -> AsyncIterator[World]:
    """Run the shop."""
    async with shop.start() as started:
        yield started


async def test_a_command_has_all_its_effects(world: World) -> None:
    """When the system has settled, the saga has sent its command and the projection shows it."""
    response = await world.send(creation(ORDER))
    await world.settled()

    events = await world.events("order", ORDER)
    item = LineItem(product_id="P-1", quantity=2)
    assert [OrderCreated(customer_id="C-1", items=[item])] == events
    reserved = await world.events("inventory", inventory_root("P-1"))
    assert [StockReserved(quantity=2, new_reserved=2)] == reserved
    assert InventoryState(reserved=2) == await shown(world, "P-1")
    assert (await world.book("order", ORDER)).pages == response.events.pages
    assert await world.letters() == []


async def test_a_refusal_is_an_error(world: World) -> None:
    """It has the text of the rule, and nothing is stored."""
    await world.send(creation(ORDER))
    again = creation(ORDER)
    again.pages[0].sequence = 1

    with pytest.raises(CommandError, match="Order already exists"):
        await world.send(again)
    assert len(await world.events("order", ORDER)) == 1


async def test_what_never_was_is_empty(world: World) -> None:
    """A root without events, a projection before the first event."""
    await world.settled()

    assert await world.events("order", ORDER) == []
    assert InventoryState() == await shown(world, "P-1")


async def test_an_event_that_nobody_wants_is_passed(world: World) -> None:
    """The last event of a log may be one that no saga reads; the system settles all the same."""
    await world.send(creation(ORDER, "fickle"))
    await world.settled()

    assert [OrderCancelled()] == await world.events("order", ORDER)


async def test_the_laggard_is_named(world: World) -> None:
    """A saga whose logic hangs is named with its lag when the time is over."""
    await world.send(creation(ORDER, "stuck"))

    with pytest.raises(AssertionError) as caught:
        await world.settled(timeout_seconds=0.5)
    assert str(caught.value) == f"not settled after 0.5 s\n  {SAGA} lags by 1 in order, at 0 of 1"


async def test_no_time_is_too_little(world: World) -> None:
    """Nothing is said to be settled that was not seen to be."""
    with pytest.raises(AssertionError, match="nobody lags, but that was not seen twice"):
        await world.settled(timeout_seconds=0)


async def test_a_failing_handler_parks_its_event(world: World) -> None:
    """The others go on; the letter is there to be read, and in the words of a later laggard."""
    await world.send(creation(ORDER, "broken"))
    await world.send(creation(UUID(int=2)))
    await world.settled()

    [letter] = await world.letters()
    assert (letter.state, letter.key.root, letter.attempts) == (LetterState.PARKED, ORDER.bytes, 3)
    assert InventoryState(reserved=2) == await shown(world, "P-1")
    await world.send(creation(UUID(int=3), "stuck"))
    with pytest.raises(
        AssertionError, match=f"{SAGA}:order:1 parked after 3 attempts, INTERNAL: Internal err"
    ):
        await world.settled(timeout_seconds=0.5)


async def test_many_commands_at_once(world: World) -> None:
    """Twenty orders of four products: every one has its effect exactly once."""
    products = [f"P-{number}" for number in range(4)]
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            book = creation(UUID(int=number), product=products[number % 4])
            group.create_task(world.send(book))
    await world.settled()

    assert [await shown(world, it) for it in products] == [InventoryState(reserved=10)] * 4


async def test_each_system_begins_empty(shop: RuntimeBuilder) -> None:
    """What one has stored the next does not know."""
    found = []
    for _ in range(2):
        async with shop.start() as world:
            await world.send(creation(ORDER))
            await world.settled()
            found.append(await shown(world, "P-1"))

    assert [InventoryState(reserved=2)] * 2 == found


async def test_a_system_without_subscribers_is_settled(order: CommandRouter) -> None:
    """One aggregate is a system."""
    async with RuntimeBuilder().add(order).start() as world:
        await world.send(creation(ORDER))
        await world.settled()

        assert len(await world.events("order", ORDER)) == 1


def test_the_end_leaves_nothing(shop: RuntimeBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    """No task, no socket, no directory, although logic hangs."""

    async def scenario(directory: Path) -> tuple[int, set[asyncio.Task[object] | None]]:
        async with shop.start() as world:
            await world.send(creation(ORDER, "stuck"))
            sockets = await asyncio.to_thread(lambda: len([*directory.glob("*/*.sock")]))
        return sockets, asyncio.all_tasks() - {asyncio.current_task()}

    with tempfile.TemporaryDirectory() as directory:
        monkeypatch.setattr(tempfile, "tempdir", directory)
        sockets, tasks = asyncio.run(scenario(Path(directory)))

        assert sockets == 10
        assert [*Path(directory).iterdir()] == []
    assert tasks == set()


async def test_an_error_of_the_body_passes(shop: RuntimeBuilder) -> None:
    """What a test raises is what its runner sees."""
    with pytest.raises(ZeroDivisionError):
        async with shop.start():
            raise ZeroDivisionError


async def test_a_dying_component_fails_the_test(
    shop: RuntimeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body is interrupted wherever it waits, and the error names the component."""
    lives, dies = angzarr_coordinator_saga.serve, asyncio.Event()

    async def serve(settings: Settings, ports: Ports, _: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(lives(settings, ports, dies))
        raise ZeroDivisionError

    async def body() -> None:
        async with shop.start():
            dies.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(angzarr_coordinator_saga, "serve", serve)
    with pytest.raises(ExceptionGroup) as caught:
        await body()
    [error] = caught.value.exceptions
    assert isinstance(error, ZeroDivisionError)
    assert [f"in coordinator {SAGA}"] == error.__notes__


async def test_a_component_that_cannot_start_fails_the_test(
    shop: RuntimeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it to become ready."""

    async def log(*_: object) -> EventLog:
        raise StoreUnavailableError("no room")

    monkeypatch.setattr(MemoryStore, "log", log)
    with pytest.raises(ExceptionGroup) as caught:
        await shop.start().__aenter__()
    notes = [note for error in caught.value.exceptions for note in error.__notes__]
    owners = ("order", "inventory", FAILURE_DOMAIN)
    assert notes == [f"in coordinator {it}" for it in owners]


async def test_a_system_must_fit_together(
    order: CommandRouter, inventory: CommandRouter, saga: SagaRouter
) -> None:
    """A name is given once, and what is read has an owner."""
    with pytest.raises(ValueError, match='there are two components named "order"'):
        RuntimeBuilder().add(order, order)
    with pytest.raises(ValueError, match=f'{SAGA} reads "order", which no router owns'):
        async with RuntimeBuilder().add(inventory, saga).start():
            pass
