"""What of a reply is believed."""

from datetime import UTC, datetime

import pytest
from angzarr_coordinator_aggregate._reply import ReplyRule

from angzarr.types_pb2 import CommandBook, EventBook
from angzarr_service import RequestError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RULE = ReplyRule(limit_pages=10, limit_page_bytes=1000, limit_bytes=1000, assign_numbers=False)


def reply(count: int) -> EventBook:
    """Return a book whose pages say that they are from 1970."""
    book = EventBook()
    for _ in range(count):
        page = book.pages.add()
        page.event.type_url = "type.googleapis.com/x"
        page.created_at.seconds = 1
    return book


def test_n39_the_time_of_an_event_is_ours() -> None:
    """What logic says of the time is not stored."""
    (page,) = RULE.pages(reply(1), CommandBook(), 0, NOW)

    assert page.created_at.ToDatetime(UTC) == NOW


def test_n40_a_number_never_wraps() -> None:
    """The last number of a root is 4294967295; a page behind it is refused."""
    (page,) = RULE.pages(reply(1), CommandBook(), 2**32 - 1, NOW)
    with pytest.raises(RequestError, match="would exceed 4294967296 events"):
        RULE.pages(reply(2), CommandBook(), 2**32 - 1, NOW)

    assert page.num == 2**32 - 1
