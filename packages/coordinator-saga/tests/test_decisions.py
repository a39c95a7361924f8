"""A decision is checked and recorded before anything is sent (contract.md §4.5 steps 5 to 7)."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BoolValue, StringValue

from angzarr.types_pb2 import CommandBook, EventBook, RpcStatus, SagaResponse
from angzarr_store import SaveReaction

from .logic import Target, command
from .world import ROOT, World

STRING = "google.protobuf.StringValue"
TO_INVENTORY = json.dumps([{"domain": "inventory", "types": [STRING]}])


def changed(change: Callable[[CommandBook], object]) -> CommandBook:
    """Return a command that is malformed."""
    book = command("bad", root=ROOT)
    change(book)
    return book


def with_events() -> SagaResponse:
    """Return a reply with a command and an event."""
    book = EventBook()
    book.cover.address("order", ROOT)
    book.record(StringValue(value="an event of a saga"))
    return SagaResponse(commands=[command("good", root=ROOT)], events=[book])


async def parked(world: World) -> tuple[str, str]:
    """Return reason and text of the only letter, after a check that nothing was sent."""
    await world.order("two apples")
    await world.until_done(1)
    (letter,) = world.ledger.parked
    assert world.ledger.decided == []
    assert world.logic["inventory"].asked == []
    return letter.reason, RpcStatus.FromString(letter.status).message


@pytest.mark.parametrize(
    ("outside", "what"),
    [
        pytest.param(command("bad", domain="order", root=ROOT), f"{STRING} to order", id="domain"),
        pytest.param(
            CommandBook.to("inventory", ROOT, BoolValue(value=True)),
            "google.protobuf.BoolValue to inventory",
            id="type",
        ),
    ],
)
async def test_a_command_outside_the_outputs_parks_the_event(
    empty_world: World, outside: CommandBook, what: str
) -> None:
    """Not even the good command before it is sent."""
    await empty_world.start(f"--component.outputs={TO_INVENTORY}")
    empty_world.saga.decide = lambda _: [command("good", root=ROOT), outside]

    reason, text = await parked(empty_world)

    assert reason == "LOGIC_REPLY_INVALID"
    assert text == f"command 1: {what} is not among the outputs"


async def test_a_command_among_the_outputs_is_sent(empty_world: World) -> None:
    """Domain and type are declared."""
    await empty_world.start(f"--component.outputs={TO_INVENTORY}")

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert len(await empty_world.stock()) == 1


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        pytest.param(CommandBook(), "CommandBook must have a cover", id="nothing"),
        pytest.param(
            changed(lambda book: book.cover.ClearField("domain")),
            "Cover must have a domain",
            id="no domain",
        ),
        pytest.param(
            changed(lambda book: book.cover.ClearField("root")),
            "Cover must have a root UUID",
            id="no root",
        ),
        pytest.param(
            changed(lambda book: book.ClearField("pages")),
            "CommandBook must have exactly one page, got 0",
            id="no page",
        ),
        pytest.param(
            changed(lambda book: book.pages[0].Clear()),
            "CommandPage must have a command",
            id="no command",
        ),
        pytest.param(
            changed(lambda book: setattr(book.cover, "domain", "In Stock")),
            "Invalid domain: In Stock",
            id="bad domain",
        ),
    ],
)
async def test_a_malformed_command_parks_the_event(
    world: World, broken: CommandBook, why: str
) -> None:
    """None of the commands is sent."""
    world.saga.decide = lambda _: [command("good", root=ROOT), broken]

    assert await parked(world) == ("LOGIC_REPLY_INVALID", f"command 1: {why}")


async def test_events_of_a_saga_park_the_event(world: World) -> None:
    """Nothing of the reply is silently ignored, and nothing is sent."""
    world.saga.decide = lambda _: with_events()

    reason, _ = await parked(world)

    assert reason == "SAGA_EVENTS_UNSUPPORTED"


async def test_events_of_a_saga_can_be_dropped(empty_world: World) -> None:
    """As in the reference: the commands are sent, the events are not stored anywhere."""
    await empty_world.start("--component.saga_events=drop")
    empty_world.saga.decide = lambda _: with_events()

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert empty_world.ledger.parked == []
    assert len(await empty_world.stock()) == 1
    assert len(empty_world.logic["order"].asked) == 1


@pytest.mark.parametrize("what", ["commands", "destinations"])
async def test_too_many_park_the_event(world: World, what: str) -> None:
    """One more than the limit; nothing is sent."""
    limit = {"commands": 1000, "destinations": 100}[what]
    many = [command("x", root=ROOT)] * (limit + 1)
    if what == "commands":
        world.saga.decide = lambda _: many
    else:
        world.saga.serve_prepare(lambda _: [book.cover for book in many])

    reason, text = await parked(world)

    assert reason == "LOGIC_REPLY_INVALID"
    assert text == f"Reply of {limit + 1} {what} exceeds the limit of {limit} {what}"


async def test_as_many_as_allowed_are_sent(empty_world: World) -> None:
    """The limits themselves are allowed."""
    flags = ("--limits.reply_commands=3", "--limits.reply_destinations=2")
    await empty_world.start(*flags)
    empty_world.saga.serve_prepare(lambda _: [command("x", root=ROOT).cover] * 2)
    empty_world.saga.decide = lambda _: [command("x", root=ROOT)] * 3

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert len(await empty_world.stock()) == 3


@pytest.fixture
async def target(empty_world: World) -> Target:
    """Start a world whose target is a foreign coordinator; the saga's store is durable."""
    empty_world.durable = True
    made = Target()
    await empty_world.serve("inventory", made)
    await empty_world.start_aggregate("order")
    await empty_world.start_logic()
    await empty_world.start_saga("--delivery.attempts=100")
    return made


def decide_three(_: Any) -> list[CommandBook]:
    """Return three commands."""
    return [command(f"{index}", root=ROOT) for index in range(3)]


async def test_all_commands_are_recorded_before_the_first_is_sent(
    target: Target, empty_world: World
) -> None:
    """In one transaction, as the bytes that are sent."""
    world, target.gate = empty_world, asyncio.Event()
    world.saga.decide = decide_three

    await world.order("two apples")
    await world.until(lambda: target.got)
    (first,) = world.ledger.commits
    target.gate.set()
    await world.until_done(1)

    recorded = [it.reaction for it in first if isinstance(it, SaveReaction)]
    assert [it.index for it in recorded] == [0, 1, 2]
    assert [str(it.state) for it in recorded] == ["owed"] * 3
    assert [it.command for it in recorded] == target.got


async def test_a_restart_sends_the_recorded_bytes(target: Target, empty_world: World) -> None:
    """Logic is not asked again: the same bytes under the same ids, until each has a result."""
    world, target.gate = empty_world, asyncio.Event()
    world.saga.decide = decide_three
    await world.order("two apples")
    await world.until(lambda: target.got)

    world.saga.decide = lambda _: [command("decided differently", root=ROOT)]
    await world.restart_saga()
    await world.until(lambda: len(target.got) == 2)
    target.gate.set()
    await world.until_done(1)

    first, again, *rest = target.got
    assert len(world.saga.executed) == 1
    assert first == again
    assert [book.command_id for book in target.books[1:]] == [
        it.command_id for it in world.ledger.decided
    ]
    assert (len(rest), world.ledger.states) == (2, ["accepted"] * 3)


async def test_a_restart_sends_only_what_is_owed(target: Target, empty_world: World) -> None:
    """A command that has its result is not sent again."""
    world = empty_world
    target.answers, target.usual = [("OK", "")], ("UNAVAILABLE", "")
    world.saga.decide = decide_three
    await world.order("two apples")
    await world.until(lambda: world.ledger.retried)

    await world.stop("saga")
    before = len(target.got)
    target.usual = ("OK", "")
    await world.start_saga()
    await world.until_done(1)

    texts = [StringValue.FromString(it.pages[0].command.value).value for it in target.books]
    assert texts[0] == "0"
    assert set(texts[1:before]) == {"1"}
    assert texts[before:] == ["1", "2"]
    assert len(world.saga.executed) == 1
