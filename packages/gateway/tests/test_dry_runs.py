"""Commands against the past (contract.md §4.3), through the gateway and at a coordinator."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from .foreign import (
    Client,
    Refusal,
    command,
    message_class,
    query,
    refusal,
    refused,
    words,
)
from .world import World

ROOT = bytes(range(16))
AT_THE_GATEWAY = "SpeculativeService/DryRunCommand"
AT_THE_COORDINATOR = "AggregateCoordinator/DryRunHandle"

DryRunRequest = message_class("DryRunRequest")
DryRun = Callable[[Any], Any]


@pytest.fixture(params=[AT_THE_GATEWAY, AT_THE_COORDINATOR])
async def dry_run(request: Any, world: World) -> DryRun:
    """Return what asks for a dry run on a root with the events 0 to 3."""
    for sequence in range(4):
        await world.client.execute(command(f"say {sequence}", sequence=sequence))
    client = world.client if request.param == AT_THE_GATEWAY else world.direct("order")
    return lambda asked: client.call(request.param, asked)


def asked(book: Any, point: int | Timestamp | None = 1) -> Any:
    """Return a request to run a command as of a point."""
    made = DryRunRequest()
    made.command.CopyFrom(book)
    if isinstance(point, int):
        made.point_in_time.as_of_sequence = point
    elif point is not None:
        made.point_in_time.as_of_time.seconds = point.seconds
        made.point_in_time.as_of_time.nanos = point.nanos
    return made


async def history(client: Client) -> Any:
    """Return everything that the root has recorded."""
    (book,) = await client.ask("GetEventBook", query(root=ROOT))
    return book


@pytest.mark.parametrize(("point", "seen"), [(0, 1), (1, 2), (3, 4), (99, 4)])
async def test_logic_sees_the_state_of_the_point(
    world: World, dry_run: DryRun, point: int, seen: int
) -> None:
    """Inclusive; past the end is the latest. The pages are numbered from there on."""
    response = await dry_run(asked(command("many 2", sequence=7), point))

    state = world.logic["order"].asked[-1].events
    assert [page.num for page in state.pages] == list(range(seen))
    assert [page.num for page in response.events.pages] == [seen, seen + 1]
    assert words(response.events) == ["many 2 0", "many 2 1"]


async def test_a_time_is_a_point_as_well(world: World, dry_run: DryRun) -> None:
    """The event created then belongs to the state; what is answered is created now."""
    pages = (await history(world.client)).pages

    response = await dry_run(asked(command("say more"), pages[1].created_at))

    (page,) = response.events.pages
    assert page.num == 2
    assert page.created_at.ToNanoseconds() > pages[3].created_at.ToNanoseconds()
    assert response.events.cover.edition.name == "angzarr"
    assert response.events.cover.correlation_id


async def test_nothing_is_kept(world: World, dry_run: DryRun) -> None:
    """No event and no result of the command id: the same command can still be sent."""
    before = await history(world.client)
    book = command("many 3", sequence=4)

    await dry_run(asked(book))

    assert await history(world.client) == before
    response = await world.client.execute(book)
    assert [page.num for page in response.events.pages] == [4, 5, 6]


@pytest.mark.parametrize(
    ("book", "answer"),
    [
        pytest.param(
            command("abort FAILED_PRECONDITION"),
            refusal("FAILED_PRECONDITION", "Logic says FAILED_PRECONDITION", "LOGIC_REJECTED"),
            id="refused",
        ),
        pytest.param(
            command("misnumber"),
            refusal(
                "INTERNAL",
                "Business reply of order is invalid: page 0 has sequence 7, expected 2",
                "LOGIC_REPLY_INVALID",
                why="page 0 has sequence 7, expected 2",
            ),
            id="invalid reply",
        ),
    ],
)
async def test_what_would_fail_says_so(dry_run: DryRun, book: Any, answer: Refusal) -> None:
    """With the status that the command itself would get."""
    assert await refused(dry_run(asked(book))) == answer


async def test_another_domain_is_not_served(dry_run: DryRun) -> None:
    """NOT_FOUND, as of a command."""
    found = await refused(dry_run(asked(command("say it", domain="cart"))))

    assert (found.code, found.reason) == ("NOT_FOUND", "UNKNOWN_DOMAIN")


async def test_a_revocation_parks_nothing(world: World, dry_run: DryRun) -> None:
    """Its flags are answered and have no effect."""
    flags = "revoke send_to_dead_letter_queue escalate"

    found = await refused(dry_run(asked(command(flags))))

    assert (found.code, found.text) == ("FAILED_PRECONDITION", "Command revoked: gone")
    assert found.metadata["send_to_dead_letter_queue"] == "true"
    assert await letters(world) == b""


async def letters(world: World) -> bytes:
    """Return the encoded list of the coordinator's letters, empty without one."""
    call = world.direct("order").channel.unary_unary("/angzarr.DeadLetters/List")
    return bytes(await call(b"", timeout=10))


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (DryRunRequest(), "DryRunRequest must have a command"),
        (
            asked(command("say it"), None),
            "DryRun requires either as_of_sequence or as_of_timestamp",
        ),
        (
            asked(command("say it"), Timestamp(seconds=10**12)),
            "as_of_time must be a time in the years 1 to 9999",
        ),
        (asked(command("say it", root=b"abc")), "Invalid UUID: expected 16 bytes, got 3"),
    ],
)
async def test_a_request_without_meaning_is_refused(
    dry_run: DryRun, request_: Any, text: str
) -> None:
    """Each with its exact text."""
    found = await refused(dry_run(request_))

    assert (found.code, found.text) == ("INVALID_ARGUMENT", text)
