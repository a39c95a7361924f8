"""CommandGateway.ExecuteSync: the modes of contract.md §4.2 through the gateway."""

import pytest

from .foreign import Client, Refusal, command, message_class, refusal, refused, words
from .world import World

METHOD = "CommandGateway/ExecuteSync"
SyncCommandBook = message_class("SyncCommandBook")


def invalid(text: str, field: str) -> Refusal:
    """Return the refusal of an argument."""
    return refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field=field)


@pytest.mark.parametrize("mode", [0, 1, 2])
async def test_a_command_with_a_mode_is_run_once(client: Client, world: World, mode: int) -> None:
    """Nobody follows here, so the answer is that of Execute; a repeat gets the first result."""
    request = SyncCommandBook(command=command("go"), sync_mode=mode)
    key = [("idempotency-key", "k-1")]

    response = await client.call(METHOD, request, metadata=key)
    again = await client.call(METHOD, request, metadata=key)

    assert words(response.events) == ["go"]
    assert again == response
    assert len(world.logic["order"].asked) == 1


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (SyncCommandBook(), invalid("SyncCommandBook must have a command", "command")),
        (
            SyncCommandBook(command=command("go"), sync_mode=7),
            invalid("Unknown sync mode: 7", "sync_mode"),
        ),
    ],
)
async def test_a_request_of_bad_shape_is_refused(
    client: Client, request_: SyncCommandBook, answer: Refusal
) -> None:
    """Before anything is sent to a coordinator."""
    assert await refused(client.call(METHOD, request_)) == answer


async def test_the_answer_of_the_coordinator_passes(client: Client) -> None:
    """A refusal of logic is the caller's, as with Execute."""
    request = SyncCommandBook(command=command("abort FAILED_PRECONDITION"), sync_mode=2)

    found = await refused(client.call(METHOD, request))

    assert found == refusal(
        "FAILED_PRECONDITION", "Logic says FAILED_PRECONDITION", "LOGIC_REJECTED"
    )


async def test_a_silent_coordinator_is_unavailable(client: Client, world: World) -> None:
    """As with Execute, and nothing was applied."""
    await world.stop("order")
    request = SyncCommandBook(command=command("go"), sync_mode=1)

    found = await refused(client.call(METHOD, request))

    assert (found.code, found.text) == ("UNAVAILABLE", "Service for domain order is unavailable")
