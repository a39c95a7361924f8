"""S10: what a later version wrote passes through, byte for byte."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.types_pb2 import BusinessResponse, CommandBook, ContextualCommand, EventPage, Query

from .adversary import Adversary, good
from .process import Process
from .single import FAST, settle

LATER = b"\x92\x7d\x05later"  # field 2002, text
ROOT = bytes([3]) * 16

pytestmark = pytest.mark.timeout(120)


class LaterLogic(Adversary):
    """Good logic whose pages have a field that this version does not know."""

    @override
    async def _handle(self, request: ContextualCommand, context: Any) -> BusinessResponse:
        response = good(request)
        response.events.pages[0].MergeFromString(LATER)
        return response


async def test_a_page_keeps_fields_of_a_later_version(scratch: Path) -> None:
    """Query and feed give the unknown field of a page back."""
    process = Process(scratch, "coordinator-aggregate", "order", "--component.domain=order")
    logic = LaterLogic(process.logic)
    await logic.start()
    await process.start()
    book = CommandBook.to("order", ROOT, StringValue(value="one"), sequence=0)
    async with grpc.aio.insecure_channel(process.address, options=FAST) as channel:
        await settle(AggregateCoordinatorStub(channel).Handle, book)
        asked = Query(cover=book.cover)
        queried = await EventQueryStub(channel).GetEventBook(asked, timeout=20)
        feed = EventFeedStub(channel).Read(FeedRequest(domain="order"), timeout=20)
        fed = [page async for batch in feed for it in batch.books for page in it.pages]
    await process.end()
    await logic.stop()

    assert [LATER in page.SerializeToString() for page in [*queried.pages, *fed]] == [True, True]
    assert LATER not in EventPage.FromString(fed[0].SerializeToString()).event.value
