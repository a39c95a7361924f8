"""What EventQuery and EventFeed answer."""

from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.feed_pb2 import FeedRequest, HeadRequest
from angzarr.types_pb2 import CommandBook, Query

ROOTS = [bytes([number]) * 16 for number in (3, 1, 2)]


@pytest.fixture
async def filled(world: Any) -> Any:
    """Return a world with two events on each of three roots, in one workflow."""
    for root in ROOTS:
        made = CommandBook.to("order", root, StringValue(value="twice"))
        made.cover.correlation_id = "flow"
        await world.commands.Handle(made)
    return world


def query(root: bytes = b"", correlation: str = "") -> Query:
    """Return a query by root or by correlation id."""
    made = Query()
    made.cover.domain = "order"
    made.cover.correlation_id = correlation
    if root:
        made.cover.root.value = root
    return made


async def test_a_root_is_returned_whole(filled: Any) -> None:
    """Every page from 0, without a snapshot."""
    found = await filled.queries.GetEventBook(query(ROOTS[1]))

    assert [page.num for page in found.pages] == [0, 1]
    assert [page.position for page in found.pages] == [3, 4]


async def test_a_range_has_both_ends(filled: Any) -> None:
    """Lower and upper are inclusive; an absent upper end reaches to the last page."""
    asked = query(ROOTS[0])
    asked.range.lower = 1
    found = await filled.queries.GetEventBook(asked)
    asked.range.upper = 1
    bounded = await filled.queries.GetEventBook(asked)

    assert [page.num for page in found.pages] == [1]
    assert found == bounded


async def test_a_set_is_ascending_and_leaves_out_what_is_absent(filled: Any) -> None:
    """Listed numbers come once each."""
    asked = query(ROOTS[0])
    asked.sequences.values.extend([9, 1, 0, 1])

    found = await filled.queries.GetEventBook(asked)

    assert [page.num for page in found.pages] == [0, 1]


async def test_an_unknown_root_is_an_empty_book(filled: Any) -> None:
    """OK, a cover, no pages."""
    found = await filled.queries.GetEventBook(query(bytes(16)))

    assert (found.cover.root.value, list(found.pages)) == (bytes(16), [])


async def test_a_workflow_comes_by_root_in_order_of_its_first_event(filled: Any) -> None:
    """One book per root."""
    books = [book async for book in filled.queries.GetEvents(query(correlation="flow"))]

    assert [book.cover.root.value for book in books] == ROOTS
    assert {book.cover.correlation_id for book in books} == {"flow"}


async def test_roots_are_listed_once(filled: Any) -> None:
    """By first position."""
    found = [one.root.value async for one in filled.queries.GetAggregateRoots(Empty())]

    assert found == ROOTS


async def test_synchronize_answers_each_query_in_order(filled: Any) -> None:
    """One book per query."""

    async def asked() -> object:
        for root in ROOTS:
            yield query(root)

    found = [book.cover.root.value async for book in filled.queries.Synchronize(asked())]

    assert found == ROOTS


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    [
        (
            Query(),
            "INVALID_ARGUMENT",
            "Query must have a cover with domain/root or correlation_id",
        ),
        (query(), "INVALID_ARGUMENT", "Query must have a root UUID or correlation_id"),
        (query(b"abc"), "INVALID_ARGUMENT", "Invalid UUID: expected 16 bytes, got 3"),
    ],
)
async def test_a_query_without_meaning_is_refused(
    world: Any, asked: Query, code: str, text: str
) -> None:
    """Each case has its exact text."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.queries.GetEventBook(asked)

    assert (caught.value.code().name, caught.value.details()) == (code, text)


async def test_the_feed_proves_its_coverage(filled: Any) -> None:
    """Batches follow each other without a hole and end at the head, with its chain."""
    batches = [batch async for batch in filled.feed.Read(FeedRequest(domain="order", max_pages=2))]
    head = await filled.feed.Head(HeadRequest(domain="order"))

    edges = [(batch.after_position, batch.last_position) for batch in batches]
    assert edges == [(0, 2), (2, 4), (4, 6)]
    assert (batches[-1].chain, head.position) == (head.chain, 6)
    assert [len(batch.books) for batch in batches] == [1, 1, 1]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (FeedRequest(domain="order", after_position=9), "OUT_OF_RANGE"),
        (
            FeedRequest(domain="order", after_position=2, after_chain=bytes(32)),
            "FAILED_PRECONDITION",
        ),
        (FeedRequest(domain="cart"), "NOT_FOUND"),
    ],
)
async def test_a_feed_that_cannot_be_right_is_refused(
    filled: Any, asked: FeedRequest, code: str
) -> None:
    """Past the head, another log, another domain."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        _ = [batch async for batch in filled.feed.Read(asked)]

    assert caught.value.code().name == code
