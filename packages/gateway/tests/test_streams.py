"""Events through the gateway as they happen (contract.md §4.9)."""

import asyncio
from typing import Any

import grpc
import pytest

from .foreign import Client, command, message_class, reply_of, words
from .world import World

CLOSED = ("UNAVAILABLE", "Stream closed; resume with after_position")
NO_FILTER = ("INVALID_ARGUMENT", "correlation_id is required for event stream subscription")
GONE = ("UNAVAILABLE", "Event stream unavailable: it does not answer")


@pytest.fixture
async def streaming(empty_world: World) -> World:
    """Start everything, with a stream service whose command streams end soon."""
    await empty_world.start()
    await empty_world.start_stream()
    await empty_world.stop("gateway")
    flags = f"--event_stream={empty_world.address('stream')}", "--stream_timeout=0.5"
    await empty_world.start_gateway(*flags)
    return empty_world


def subscribe(client: Client, **conditions: Any) -> Any:
    """Open a stream."""
    wanted = message_class("EventStreamFilter")(**conditions)
    return client.stream("EventStream/Subscribe", wanted, timeout_seconds=None)


def flowing(text: str, flow: str = "flow", **place: Any) -> Any:
    """Return a command of a workflow."""
    book = command(text, **place)
    book.cover.correlation_id = flow
    return book


async def ended(replies: Any) -> tuple[list[str], tuple[str, str]]:
    """Return what a stream brings, and its end: code and text."""
    found: list[str] = []
    async with asyncio.timeout(10):
        try:
            async for book in replies:
                found += words(book)
        except grpc.aio.AioRpcError as error:
            return found, (error.code().name, str(error.details()))
    return found, ("OK", "")


async def test_a_workflow_is_watched_through_the_gateway(streaming: World) -> None:
    """Headers come once it is registered; what is appended then comes; its end can be resumed."""
    call = subscribe(streaming.client, correlation_id="flow")
    replies = aiter(call)
    await call.initial_metadata()
    await streaming.client.execute(flowing("foreign", "other", root=bytes(16)))
    await streaming.client.execute(flowing("one"))
    async with asyncio.timeout(10):
        first = words(await anext(replies))

    await streaming.stop("stream")

    assert (first, await ended(replies)) == (["one"], ([], CLOSED))


async def test_n46_a_command_is_followed_by_its_workflow(streaming: World) -> None:
    """First its own events, once; then what comes later; then the end, told by a trailer."""
    book = flowing("many 2")
    invoke = streaming.client.channel.unary_stream(
        "/angzarr.CommandGateway/ExecuteStream",
        request_serializer=type(book).SerializeToString,
        response_deserializer=reply_of("CommandGateway/ExecuteStream"),
    )
    call = invoke(book)
    replies = aiter(call)
    async with asyncio.timeout(10):
        own = words(await anext(replies))
    await streaming.client.execute(flowing("later", domain="inventory"))
    await streaming.client.execute(flowing("last", sequence=2))
    rest, end = await ended(replies)

    assert (own, rest, end) == (["many 2 0", "many 2 1"], ["later", "last"], ("OK", ""))
    assert dict(await call.trailing_metadata())["x-angzarr-stream-end"] == "idle"


async def test_a_command_without_events_answers_with_a_book_too(streaming: World) -> None:
    """The response comes first, even if it is empty."""
    replies = aiter(streaming.client.stream("CommandGateway/ExecuteStream", flowing("nothing")))
    async with asyncio.timeout(10):
        first = await anext(replies)

    assert (words(first), first.cover.domain) == ([], "order")
    assert await ended(replies) == ([], ("OK", ""))


async def test_a_refused_command_ends_its_stream(streaming: World) -> None:
    """The failure is the answer."""
    call = streaming.client.stream("CommandGateway/ExecuteStream", flowing("one", sequence=7))

    text = "Sequence mismatch: command expects 7, aggregate at 0"
    assert await ended(call) == ([], ("ABORTED", text))


async def test_without_a_stream_nothing_is_sent(streaming: World) -> None:
    """A command whose events could not be followed is not run."""
    await streaming.stop("stream")

    call = streaming.client.stream("CommandGateway/ExecuteStream", flowing("one"))

    assert await ended(call) == ([], GONE)
    assert await ended(subscribe(streaming.client, correlation_id="flow")) == ([], GONE)
    assert streaming.logic["order"].asked == []


async def test_a_refusal_of_the_stream_passes(streaming: World) -> None:
    """To a subscriber unchanged, to a command as the reason why nothing was sent."""
    await streaming.stop("inventory")
    silent = "Service for domain inventory is unavailable"

    watched = [await ended(subscribe(streaming.client, correlation_id="flow")) for _ in range(50)]
    sent = await ended(streaming.client.stream("CommandGateway/ExecuteStream", flowing("one")))

    assert watched == [([], ("UNAVAILABLE", silent))] * 50
    assert sent == ([], ("UNAVAILABLE", f"Event stream unavailable: {silent}"))


async def test_what_cannot_be_watched_is_refused(empty_world: World) -> None:
    """Without a filter, without a workflow, without a stream service."""
    await empty_world.start("--component.derive_correlation=false")
    await empty_world.stop("gateway")
    await empty_world.start_gateway("--component.derive_correlation=false")
    client = empty_world.client

    assert await ended(subscribe(client)) == ([], NO_FILTER)
    assert await ended(client.stream("CommandGateway/ExecuteStream", command("one"))) == (
        [],
        NO_FILTER,
    )
    nowhere = ("UNAVAILABLE", "Event stream unavailable: it is not configured")
    assert await ended(subscribe(client, correlation_id="flow")) == ([], nowhere)
