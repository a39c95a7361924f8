"""An append is found by the position of one of its events."""

import pytest

from angzarr_progress import append_at

from .books import Books


async def span(books: Books, position: int) -> tuple[int, int] | None:
    """Return where the append begins and ends."""
    found = await append_at(books, position)
    return found and (found.pages[0].position, found.pages[-1].position)


@pytest.mark.parametrize("at_once", [1, 1000])
@pytest.mark.parametrize(
    ("position", "wanted"),
    [(1, (1, 1)), (4, (2, 4)), (3, (2, 3)), (304, (5, 304)), (305, (305, 305)), (306, (306, 306))],
)
async def test_an_append_is_found_whole(
    at_once: int, position: int, wanted: tuple[int, int]
) -> None:
    """From its first event on, wherever the reading began, however long it is."""
    books = Books([1, 3, 300, 1, 1], appends_at_once=at_once)

    assert await span(books, position) == wanted


@pytest.mark.parametrize("position", [4, 5, 100])
async def test_what_is_not_in_the_log_yet_is_not_found(position: int) -> None:
    """Nor does it fail: it may come."""
    assert await span(Books([1, 2]), position) is None
