"""A log as others read it (contract.md §4.13)."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from angzarr.feed_pb2 import FeedBatch
from angzarr_discovery_static import StaticDiscovery
from angzarr_feed import RemoteFeed
from angzarr_replicas import Replicas
from angzarr_service import Channels, RequestError
from angzarr_store import (
    InvariantError,
    LogMismatchError,
    PositionPastHeadError,
    StoreUnavailableError,
)


def batch(after: int, last: int) -> FeedBatch:
    """Return a batch without books; its chain tells where it ends."""
    return FeedBatch(after_position=after, last_position=last, chain=bytes([last]), head=last)


async def followed(feed: Any, system: Any, count: int) -> list[int]:
    """Return where the next `count` batches end."""
    found: list[int] = []
    async with aclosing(feed.follow(0, b"", system)) as batches:
        async with asyncio.timeout(10):
            async for it in batches:
                found.append(it.last_position)
                if len(found) == count:
                    break
    return found


async def test_one_batch_is_read(owner: Any, feed: Any) -> None:
    """The first that comes, asked for with the reader's chain."""
    owner.batches = [batch(3, 5), batch(5, 6)]

    found = await feed.read(3, b"c", 10)

    asked = owner.asked[0]
    assert (asked.after_position, asked.after_chain, asked.max_pages) == (3, b"c", 10)
    assert (found.last_position, asked.follow) == (5, False)


async def test_the_head_is_asked(feed: Any) -> None:
    """It is that of the owner."""
    assert (await feed.head()).position == 7


async def test_a_log_is_followed_where_it_broke_off(owner: Any, feed: Any, system: Any) -> None:
    """When the owner is gone it is waited for, and asked from the last batch on, with its chain."""
    owner.batches = [batch(0, 2), RequestError("NOT_READY", "Not ready: stopping"), batch(2, 4)]

    found = await followed(feed, system, 2)

    places = [(it.after_position, it.after_chain) for it in owner.asked]
    assert (found, places) == ([2, 4], [(0, b""), (2, b"\x02")])


async def test_a_hole_in_a_followed_log_is_found(owner: Any, feed: Any, system: Any) -> None:
    """A batch that does not begin where the one before ended is an error."""
    owner.batches = [batch(0, 2), batch(3, 4)]

    with pytest.raises(InvariantError, match="feed of order skips from 2 to 3"):
        await followed(feed, system, 2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (RequestError("POSITION_PAST_HEAD", "past", head="4"), PositionPastHeadError),
        (RequestError("LOG_MISMATCH", "differs"), LogMismatchError),
    ],
)
async def test_another_log_is_told(
    owner: Any, feed: Any, system: Any, answer: RequestError, error: type[Exception]
) -> None:
    """A reader that knows another log stops, whether it reads or follows."""
    owner.batches = [answer, answer]

    for work in (feed.read(9, b"", 10), followed(feed, system, 1)):
        with pytest.raises(error):
            await work


async def test_a_log_without_an_answer_is_unavailable(owner: Any, feed: Any, system: Any) -> None:
    """No owner, an owner that is gone, and an empty answer are the same: nothing was read."""
    nowhere = await StaticDiscovery.open((), system)
    nobody = RemoteFeed("cart", Replicas(nowhere, Channels(), system.clock))
    with pytest.raises(StoreUnavailableError, match="feed of order is empty"):
        await feed.read(0, b"", 10)
    await owner.stop()
    for reader in (nobody, feed):
        for work in (reader.read(0, b"", 10), reader.head()):
            with pytest.raises(StoreUnavailableError):
                await work
    await owner.start()
