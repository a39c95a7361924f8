"""What a saga is shown beside the event (contract.md §4.5 steps 1 and 2)."""

from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import Cover, EventBook, RpcStatus

from .logic import command, text_of
from .world import ROOT, World

OTHER, UNKNOWN = bytes([1]) * 16, bytes([2]) * 16


def cover(domain: str, root: bytes = b"", *, workflow: str = "", edition: str = "") -> Cover:
    """Return what a saga asks for."""
    made = Cover(domain=domain, correlation_id=workflow)
    made.edition.name = edition
    if root:
        made.root.value = root
    return made


def shown(books: Any) -> list[tuple[str, bytes, list[str]]]:
    """Return domain, root and texts of each book."""
    return [
        (book.cover.domain, book.cover.root.value, [text_of(page.event) for page in book.pages])
        for book in books
    ]


async def test_without_prepare_there_are_no_destinations(world: World) -> None:
    """UNIMPLEMENTED means that the saga decides by the event alone."""
    await world.order("two apples")
    await world.until_done(1)

    (request,) = world.saga.executed
    assert list(request.destinations) == []
    assert [text_of(page.event) for page in await world.stock()] == ["reserve two apples"]


async def test_an_event_comes_alone_with_its_cover(world: World) -> None:
    """One call per event, one page per call, as it is stored."""
    response = await world.order("two apples")
    await world.order("more", sequence=1)
    await world.until_done(2)

    first, second = world.saga.executed
    assert first.source == EventBook(cover=response.events.cover, pages=response.events.pages)
    assert [page.num for page in second.source.pages] == [1]
    assert second.source.cover.correlation_id == "flow more"


async def test_each_cover_gets_its_book_in_order(world: World) -> None:
    """Also twice the same, one of the source's domain, and one that nobody knows."""
    await world.order("two apples")
    await world.until_done(1)
    asked = [
        cover("inventory", UNKNOWN),
        cover("inventory", ROOT),
        cover("order", ROOT),
        cover("inventory", ROOT),
    ]
    world.saga.serve_prepare(lambda _: asked)
    await world.restart_saga()

    await world.order("more", root=OTHER)
    await world.until_done(2)

    reserved = ("inventory", ROOT, ["reserve two apples"])
    assert shown(world.saga.executed[1].destinations) == [
        ("inventory", UNKNOWN, []),
        reserved,
        ("order", ROOT, ["two apples"]),
        reserved,
    ]
    assert world.saga.prepared[0].source == world.saga.executed[1].source


async def test_destinations_are_read_on_the_timeline_of_the_event(world: World) -> None:
    """What logic says of an edition does not count, and a root wins over a workflow."""
    world.saga.serve_prepare(
        lambda _: [
            cover("order", ROOT, edition="elsewhere", workflow="another"),
            cover("order", workflow="flow two apples"),
        ]
    )

    await world.order("two apples")
    await world.until_done(1)

    book = ("order", ROOT, ["two apples"])
    assert shown(world.saga.executed[0].destinations) == [book, book]


async def test_destinations_are_as_fresh_as_the_event(world: World) -> None:
    """The second event sees what the command of the first has led to."""
    world.saga.serve_prepare(lambda source: [cover("inventory", source.cover.root.value)])

    await world.order("one")
    await world.order("two", sequence=1)
    await world.until_done(2)

    found = [shown(request.destinations)[0][2] for request in world.saga.executed]
    assert found == [[], ["reserve one"]]


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        pytest.param(cover("billing", ROOT), "UNKNOWN_DOMAIN", id="no route"),
        pytest.param(cover("inventory", b"short"), "INVALID_ARGUMENT", id="short root"),
        pytest.param(cover("inventory"), "INVALID_ARGUMENT", id="neither root nor workflow"),
    ],
)
async def test_a_read_that_fails_parks_the_event(world: World, missing: Cover, reason: str) -> None:
    """It is tried as often as the budget allows; the saga never decides by a shorter list."""
    world.saga.serve_prepare(lambda _: [cover("inventory", ROOT), missing])

    await world.order("two apples")
    await world.until_done(1)

    (letter,) = world.ledger.parked
    assert (letter.reason, letter.attempts) == (reason, 3)
    assert RpcStatus.FromString(letter.status).message
    assert len(world.saga.prepared) == 3
    assert world.saga.executed == []


async def test_a_read_is_tried_again(empty_world: World) -> None:
    """A coordinator that is away for a while costs attempts, not destinations."""
    world = empty_world
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga("--delivery.attempts=100")
    world.saga.serve_prepare(lambda _: [cover("inventory", OTHER), cover("inventory", ROOT)])

    await world.order("two apples")
    await world.until(lambda: world.ledger.retried)
    await world.start_aggregate("inventory")
    await world.until_done(1)

    (request,) = world.saga.executed
    found = [(book.cover.root.value, len(book.pages)) for book in request.destinations]
    assert found == [(OTHER, 0), (ROOT, 0)]
    assert world.ledger.parked == []


async def test_a_destination_that_is_too_large_parks_the_event(world: World) -> None:
    """Books that cannot be sent are no empty books."""
    roots = [ROOT, OTHER]
    world.saga.decide = lambda _: [command("x" * 500_000, root=roots[i % 2]) for i in range(9)]
    await world.order("stock up")
    await world.until_done(1)
    world.saga.serve_prepare(lambda _: [cover("inventory", root) for root in roots])
    await world.restart_saga()

    await world.order("more", root=OTHER)
    await world.until_done(2)

    (letter,) = world.ledger.parked
    assert letter.reason == "MESSAGE_TOO_LARGE"
    assert len(world.saga.executed) == 1


async def test_logic_that_comes_to_serve_prepare_is_asked(world: World) -> None:
    """A new version of the logic gets its destinations from its first event on."""
    await world.order("one")
    await world.until_done(1)
    world.saga.serve_prepare(lambda _: [cover("inventory", ROOT)])

    await world.order("two", sequence=1)
    await world.until_done(2)

    assert StringValue.FromString(world.saga.executed[1].source.pages[0].event.value).value == "two"
    assert len(world.saga.executed[1].destinations) == 1
