"""What the framework writes into a saga's commands (contract.md §4.5 step 4)."""

from google.protobuf.any_pb2 import Any as AnyMessage

from angzarr.types_pb2 import CommandBook, EventPage

from .logic import command, text_of
from .world import ROOT, SAGA, World


def told(world: World) -> list[CommandBook]:
    """Return the commands as the target's logic got them."""
    return [request.command for request in world.logic["inventory"].asked]


def posing(text: str) -> CommandBook:
    """Return a command in which logic has filled in what is not its own."""
    book = command(text, root=ROOT)
    book.cover.edition.name = "elsewhere"
    book.cover.edition.divergences.add(domain="inventory", sequence=7)
    book.saga_origin.saga_name = "someone-else"
    book.saga_origin.triggering_event_sequence = 99
    book.command_id = "mine"
    return book


async def test_the_id_is_that_of_the_test_vector(world: World) -> None:
    """Component, event and index give the id, so that it never changes."""
    world.saga.decide = lambda request: (
        [command("last", root=ROOT)] if request.source.pages[0].num == 3 else []
    )

    for sequence in range(4):
        await world.order(f"{sequence}", sequence=sequence)
    await world.until_done(4)

    (page,) = await world.stock()
    (sent,) = told(world)
    assert page.command_id == sent.command_id == "4c2c11d5-ef04-5820-82c3-860c2e83f943"


async def test_every_command_of_an_event_has_its_own_id(world: World) -> None:
    """They are sent in the order of the reply."""
    world.saga.decide = lambda _: [command(f"{index}", root=ROOT) for index in range(5)]

    await world.order("two apples")
    await world.until_done(1)

    pages = await world.stock()
    assert [text_of(page.event) for page in pages] == ["0", "1", "2", "3", "4"]
    assert len({page.command_id for page in pages}) == 5
    assert [it.command_id for it in world.ledger.decided] == [it.command_id for it in pages]


async def test_what_logic_wrote_is_replaced(world: World) -> None:
    """Edition, origin and id are the framework's, whatever logic says."""
    world.saga.decide = lambda _: [posing("reserve")]

    await world.order("two apples")
    await world.until_done(1)

    (sent,) = told(world)
    origin = sent.saga_origin
    assert (sent.cover.edition.name, list(sent.cover.edition.divergences)) == ("angzarr", [])
    assert (origin.saga_name, origin.triggering_event_sequence) == (SAGA, 0)
    assert origin.triggering_aggregate == world.saga.executed[0].source.cover
    assert sent.command_id not in {"", "mine"}


async def test_a_missing_correlation_id_comes_from_the_event(world: World) -> None:
    """One that logic has set is kept."""
    own = command("own", root=ROOT)
    own.cover.correlation_id = "another flow"
    world.saga.decide = lambda _: [command("filled", root=ROOT), own]

    await world.order("two apples")
    await world.until_done(1)

    found = [sent.cover.correlation_id for sent in told(world)]
    assert found == ["flow two apples", "another flow"]


async def test_a_sequence_of_zero_is_appended_at_the_true_end(world: World) -> None:
    """A command with an origin is not checked against the target's history."""
    await world.order("one")
    await world.order("two", sequence=1)
    await world.order("elsewhere", root=bytes(16))
    await world.until_done(3)

    pages = await world.stock()
    assert [(page.num, text_of(page.event)) for page in pages] == [
        (0, "reserve one"),
        (1, "reserve two"),
    ]


async def test_a_payload_is_passed_on_byte_for_byte(world: World) -> None:
    """It need not be protobuf, and its type may have any prefix."""
    payload = AnyMessage(type_url="shop.example/stock.Reserve", value=b'{"sku": "\xff"}')
    book = command("", root=ROOT)
    book.pages[0].command.CopyFrom(payload)
    world.saga.decide = lambda _: [book]

    await world.order("two apples")
    await world.until_done(1)

    page: EventPage = (await world.stock())[0]
    assert page.event == payload


async def test_no_commands_are_a_decision(world: World) -> None:
    """The checkpoint moves on, and nothing is recorded."""
    world.saga.decide = lambda _: []

    await world.order("two apples")
    await world.until_done(1)

    assert (world.ledger.decided, world.ledger.parked) == ([], [])
