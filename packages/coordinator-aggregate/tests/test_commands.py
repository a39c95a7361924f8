"""What AggregateCoordinator.Handle answers, row by row of contract.md §4.1."""

import asyncio
import re
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import ErrorInfo

from angzarr.types_pb2 import CommandBook, RpcStatus

ROOT = bytes(range(16))


def book(word: str, *, sequence: int = 0, root: bytes = ROOT, **fields: Any) -> CommandBook:
    """Return a command that says `word` to the logic."""
    made = CommandBook.to("order", root, StringValue(value=word), sequence=sequence)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


async def refused(world: Any, made: CommandBook, **options: Any) -> tuple[str, str, str]:
    """Return code, message and reason of a refusal."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.commands.Handle(made, **options)
    trailers = dict(caught.value.trailing_metadata() or ())
    info = ErrorInfo()
    RpcStatus.FromString(trailers["grpc-status-details-bin"]).details[0].Unpack(info)
    assert info.domain == "angzarr"
    return caught.value.code().name, str(caught.value.details()), str(info.reason)


async def test_an_accepted_command_answers_with_its_stored_pages(world: Any) -> None:
    """Number, time, position, command id and full cover are filled in."""
    response = await world.commands.Handle(book("hello", command_id="c-1"))

    (page,) = response.events.pages
    assert (page.num, page.position, page.command_id, response.position) == (0, 1, "c-1", 1)
    assert page.created_at.seconds > 0
    assert response.events.cover.edition.name == "angzarr"
    assert len(response.events.cover.correlation_id) == 36


async def test_commands_of_one_root_are_numbered_densely(world: Any) -> None:
    """The next sequence follows the last page; unnumbered pages are assigned."""
    await world.commands.Handle(book("twice"))
    response = await world.commands.Handle(book("more", sequence=2))

    assert [page.num for page in response.events.pages] == [2]


async def test_a_stale_sequence_is_refused_at_once(world: Any) -> None:
    """ABORTED with both numbers; nothing is stored."""
    await world.commands.Handle(book("hello"))

    code, text, reason = await refused(world, book("late"))

    assert text == "Sequence mismatch: command expects 0, aggregate at 1"
    assert (code, reason) == ("ABORTED", "SEQUENCE_MISMATCH")


async def test_a_repeat_is_answered_with_the_first_result(world: Any) -> None:
    """The same id again has one effect, whatever its sequence says."""
    first = await world.commands.Handle(book("hello", command_id="c-1"))
    again = await world.commands.Handle(book("hello", command_id="c-1"))
    by_key = await world.commands.Handle(book("hello"), metadata=[("idempotency-key", "c-1")])

    assert first.events.pages == again.events.pages == by_key.events.pages


async def test_simultaneous_repeats_have_one_effect(world: Any) -> None:
    """Eight copies in flight store one event."""
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(_await(world.commands.Handle(book("hello", command_id="c-1"))))
            for _ in range(8)
        ]

    assert {call.result().position for call in calls} == {1}


async def test_a_refusal_is_remembered(world: Any) -> None:
    """The status of logic passes unchanged, and the id is bound to it."""
    first = await refused(world, book("refuse", command_id="c-1"))
    again = await refused(world, book("refuse", command_id="c-1", sequence=9))

    assert first == ("FAILED_PRECONDITION", "Order already exists", "LOGIC_REJECTED") == again


async def test_an_id_names_one_command(world: Any) -> None:
    """Another root under the same id is refused."""
    await world.commands.Handle(book("hello", command_id="c-1"))

    answer = await refused(world, book("hello", command_id="c-1", root=bytes(16)))

    text = "Command id c-1 was already used for a different command"
    assert answer == ("INVALID_ARGUMENT", text, "COMMAND_ID_REUSED")


async def test_two_ids_that_differ_are_refused(world: Any) -> None:
    """Field and metadata must agree."""
    options = {"metadata": [("idempotency-key", "c-2")]}

    _, text, _ = await refused(world, book("hello", command_id="c-1"), **options)

    assert text == "command_id and idempotency-key differ"


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("misnumber", "page 0 has sequence 7, expected 0"),
        ("elsewhere", "its domain is cart"),
        ("empty", "page 0 has no event"),
    ],
)
async def test_an_invalid_reply_stores_nothing(world: Any, word: str, why: str) -> None:
    """INTERNAL names what is wrong, and the root stays usable."""
    answer = await refused(world, book(word))

    text = f"Business reply of order is invalid: {why}"
    assert answer == ("INTERNAL", text, "LOGIC_REPLY_INVALID")
    assert (await world.commands.Handle(book("hello"))).position == 1


async def test_a_revocation_is_a_refusal(world: Any) -> None:
    """FAILED_PRECONDITION with the reason that logic gave."""
    answer = await refused(world, book("revoke"))

    assert answer == ("FAILED_PRECONDITION", "Command revoked: gone", "COMMAND_REVOKED")


async def test_a_crash_of_logic_leaks_nothing(world: Any) -> None:
    """The text of an exception never reaches the client."""
    code, text, reason = await refused(world, book("crash"))

    assert (code, reason) == ("UNKNOWN", "LOGIC_FAILED")
    assert re.fullmatch(r"Business logic failed \(incident [0-9a-f]{8}\)", text)


async def test_slow_logic_does_not_block_another_root(world: Any) -> None:
    """Its deadline ends the call; meanwhile other roots go on."""
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(refused(world, book("hang")))
        response = await world.commands.Handle(book("hello", root=bytes(16)))

    assert response.position == 1
    text = "Business logic for order did not answer in 500 ms"
    assert slow.result() == ("DEADLINE_EXCEEDED", text, "LOGIC_DEADLINE")


async def test_no_events_store_nothing(world: Any) -> None:
    """The answer has the cover, no pages, and the head as position."""
    response = await world.commands.Handle(book("nothing"))

    assert (list(response.events.pages), response.position) == ([], 0)


def changed(**changes: object) -> CommandBook:
    """Return a good book with changes to its cover."""
    made = book("hello")
    for name, value in changes.items():
        setattr(made.cover, name, value)
    return made


@pytest.mark.parametrize(
    ("made", "answer"),
    [
        (CommandBook(), ("INVALID_ARGUMENT", "CommandBook must have a cover", "INVALID_ARGUMENT")),
        (changed(domain=""), ("INVALID_ARGUMENT", "Cover must have a domain", "INVALID_ARGUMENT")),
        (
            changed(domain="cart"),
            ("NOT_FOUND", "No handler registered for domain: cart", "UNKNOWN_DOMAIN"),
        ),
        (
            changed(domain="_meta.topology"),
            ("INVALID_ARGUMENT", "Domain _meta.topology is reserved", "RESERVED_DOMAIN"),
        ),
        (
            book("hello", root=b"abc"),
            ("INVALID_ARGUMENT", "Invalid UUID: expected 16 bytes, got 3", "INVALID_ARGUMENT"),
        ),
    ],
)
async def test_malformed_commands_get_their_exact_answer(
    world: Any, made: CommandBook, answer: tuple[str, str, str]
) -> None:
    """Bad input names the field and stores nothing."""
    assert await refused(world, made) == answer


async def test_too_large_a_command_is_refused(world: Any) -> None:
    """Size and limit are in the text, for one just too large and for 5 MiB."""
    for size in (1025 * 1024, 5 * 1024 * 1024):
        code, text, reason = await refused(world, book("x" * size))

        assert (code, reason) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
        assert text.startswith("CommandBook of ")


async def test_garbage_is_refused(world: Any) -> None:
    """Bytes that are no message are the caller's mistake."""
    call = world.channel.unary_unary("/angzarr.AggregateCoordinator/Handle")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(b"\xff\xff\xff garbage")

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "CommandBook cannot be decoded"


async def _await(call: Any) -> Any:
    return await call
