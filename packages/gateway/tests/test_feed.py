"""The logs of all domains through the gateway (contract.md §4.13)."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from angzarr.feed_pb2 import FeedRequest, HeadRequest
from angzarr.feed_pb2_grpc import EventFeedStub

from .foreign import Refusal, broken_off, command, refusal, refused, words
from .world import World


@pytest.fixture
async def feed(world: World) -> Any:
    """Return a stub of a feed over three appends to one domain."""
    await world.client.execute(command("many 2"))
    await world.client.execute(command("single", sequence=2))
    await world.client.execute(command("other", root=bytes(16)))
    return EventFeedStub(world.client.channel)


async def read(feed: Any, request: FeedRequest) -> list[Any]:
    """Return every batch of a read that ends."""
    return [batch async for batch in feed.Read(request, timeout=10)]


async def batches(stream: Any) -> AsyncIterator[Any]:
    """Yield what comes on an open stream."""
    while True:
        yield await stream.read()


async def test_a_log_is_read_whole(feed: Any) -> None:
    """Whole appends by position, each batch beginning where the one before ended."""
    found = await read(feed, FeedRequest(domain="order", max_pages=2))

    edges = [(batch.after_position, batch.last_position) for batch in found]
    books = [book for batch in found for book in batch.books]
    assert (edges[0][0], edges[-1][1]) == (0, 4)
    assert [after for after, _ in edges[1:]] == [last for _, last in edges[:-1]]
    assert [words(book) for book in books] == [["many 2 0", "many 2 1"], ["single"], ["other"]]


async def test_the_head_of_each_domain_is_its_own(feed: Any) -> None:
    """A domain without events stands at 0."""
    heads = [
        (await feed.Head(HeadRequest(domain=domain), timeout=10)).position
        for domain in ("order", "inventory")
    ]

    assert heads == [4, 0]


async def test_a_log_is_followed(world: World, feed: Any) -> None:
    """What is appended later comes on the open stream."""
    stream = feed.Read(FeedRequest(domain="order", after_position=4, follow=True), timeout=10)
    first = await stream.read()

    await world.client.execute(command("later", sequence=3))
    second = await stream.read()
    stream.cancel()

    assert (first.last_position, len(first.books)) == (4, 0)
    assert [words(book) for book in second.books] == [["later"]]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            FeedRequest(domain="order", after_position=9),
            refusal(
                "OUT_OF_RANGE",
                "Position 9 is past head 4 of domain order",
                "POSITION_PAST_HEAD",
                head="4",
            ),
        ),
        (
            FeedRequest(domain="order", after_position=2, after_chain=bytes(32)),
            refusal(
                "FAILED_PRECONDITION", "Log of domain order differs at position 2", "LOG_MISMATCH"
            ),
        ),
        (
            FeedRequest(domain="cart"),
            refusal(
                "NOT_FOUND",
                "No service registered for domain: cart",
                "UNKNOWN_DOMAIN",
                domain="cart",
            ),
        ),
    ],
)
async def test_a_feed_that_cannot_be_right_is_refused(
    feed: Any, asked: FeedRequest, answer: Refusal
) -> None:
    """Past the head, another log, another domain: the coordinator's answer passes unchanged."""
    assert await refused(read(feed, asked)) == answer


async def test_a_silent_domain_ends_its_feed(world: World, feed: Any) -> None:
    """An open stream ends when its coordinator goes, and the answer names the domain."""
    stream = feed.Read(FeedRequest(domain="order", follow=True), timeout=10)
    await stream.read()
    await world.stop("order")

    _, error = await broken_off(batches(stream))

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    found = await refused(read(feed, FeedRequest(domain="order")))
    assert found.text == "Service for domain order is unavailable"
