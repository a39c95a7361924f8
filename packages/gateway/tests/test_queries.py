"""Queries of one root through the gateway, row by row of contract.md §4.4."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from .foreign import Client, Query, Refusal, command, query, refusal, refused, words
from .world import World

ROOT = bytes(range(16))
METHODS = ("GetEventBook", "GetEvents", "Synchronize")
WITHOUT_COVER = "Query must have a cover with domain/root or correlation_id"
WITHOUT_ROOT = "Query must have a root UUID or correlation_id"

each_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
async def filled(client: Client) -> Client:
    """Return a client of a world in which a root has five events, numbered 0 to 4."""
    await client.execute(command("many 5"))
    return client


def selected(change: Callable[[Any], object], **options: Any) -> Any:
    """Return a query by root with a selection."""
    asked = query(root=ROOT, **options)
    change(asked)
    return asked


def invalid(text: str, field: str) -> Refusal:
    """Return the refusal of an argument."""
    return refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field=field)


@each_method
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(Query(), invalid(WITHOUT_COVER, "cover"), id="no cover"),
        pytest.param(query(), invalid(WITHOUT_ROOT, "cover"), id="neither root nor workflow"),
        pytest.param(query(""), invalid(WITHOUT_ROOT, "cover"), id="empty cover"),
        pytest.param(
            query("", root=ROOT),
            invalid("Cover must have a domain", "cover.domain"),
            id="no domain",
        ),
        *(
            pytest.param(
                query(root=bytes(length)),
                invalid(f"Invalid UUID: expected 16 bytes, got {length}", "cover.root"),
                id=f"root of {length} bytes",
            )
            for length in (3, 17)
        ),
        *(
            pytest.param(
                query("cart", **by),
                refusal(
                    "NOT_FOUND",
                    "No service registered for domain: cart",
                    "UNKNOWN_DOMAIN",
                    domain="cart",
                ),
                id=f"unknown domain by {next(iter(by))}",
            )
            for by in ({"root": ROOT}, {"correlation": "flow"})
        ),
    ],
)
async def test_a_query_without_meaning_is_refused(
    client: Client, method: str, asked: Any, answer: Refusal
) -> None:
    """All three methods give the same exact answer."""
    assert await refused(client.ask(method, asked)) == answer


@each_method
async def test_a_point_in_time_must_be_given(client: Client, method: str) -> None:
    """A temporal selection without a point has no meaning."""
    asked = selected(lambda it: it.temporal.SetInParent())

    found = await refused(client.ask(method, asked))

    assert found.text == "TemporalQuery must specify as_of_time or as_of_sequence"


@each_method
@pytest.mark.parametrize("edition", ["", "angzarr"])
async def test_a_root_is_returned_whole(filled: Client, method: str, edition: str) -> None:
    """Every page from 0, with the full cover and without a snapshot."""
    asked = selected(lambda it: setattr(it.cover.edition, "name", edition))

    (book,) = await filled.ask(method, asked)

    assert words(book) == [f"many 5 {number}" for number in range(5)]
    assert [page.num for page in book.pages] == list(range(5))
    assert (book.cover.domain, book.cover.root.value) == ("order", ROOT)
    assert book.cover.edition.name == "angzarr"
    assert not book.HasField("snapshot")


def ranged(asked: Any, lower: int, upper: int | None) -> None:
    """Select a range."""
    asked.range.lower = lower
    if upper is not None:
        asked.range.upper = upper


@each_method
@pytest.mark.parametrize(
    ("lower", "upper", "numbers"),
    [
        (0, None, [0, 1, 2, 3, 4]),
        (3, None, [3, 4]),
        (1, 3, [1, 2, 3]),
        (2, 2, [2]),
        (0, 0, [0]),
        (4, 9, [4]),
        (5, None, []),
        (3, 1, []),
    ],
)
async def test_a_range_has_both_ends(
    filled: Client, method: str, lower: int, upper: int | None, numbers: list[int]
) -> None:
    """Lower and upper are inclusive; an absent upper end reaches to the last page."""
    (book,) = await filled.ask(method, selected(lambda it: ranged(it, lower, upper)))

    assert [page.num for page in book.pages] == numbers
    assert book.cover.root.value == ROOT


@each_method
@pytest.mark.parametrize(
    ("values", "numbers"), [([4, 0, 2], [0, 2, 4]), ([1, 1, 9, 1], [1]), ([7], []), ([], [])]
)
async def test_a_set_is_ascending_and_leaves_out_what_is_absent(
    filled: Client, method: str, values: list[int], numbers: list[int]
) -> None:
    """Listed numbers come once each."""

    def chosen(asked: Any) -> None:
        asked.sequences.SetInParent()
        asked.sequences.values.extend(values)

    (book,) = await filled.ask(method, selected(chosen))

    assert [page.num for page in book.pages] == numbers


@each_method
async def test_an_unknown_root_is_an_empty_book(filled: Client, method: str) -> None:
    """OK, with a cover and no pages."""
    (book,) = await filled.ask(method, query(root=bytes(16)))

    assert (book.cover.domain, book.cover.root.value) == ("order", bytes(16))
    assert list(book.pages) == []


@each_method
async def test_a_root_wins_over_a_workflow(filled: Client, method: str) -> None:
    """A correlation id beside a root selects nothing."""
    (book,) = await filled.ask(method, query(root=ROOT, correlation="another"))

    assert len(book.pages) == 5


async def test_every_acknowledged_event_is_read(client: Client) -> None:
    """A read sees what was acknowledged before it began."""
    for sequence in range(20):
        await client.execute(command(f"{sequence}", sequence=sequence))
        (book,) = await client.ask("GetEventBook", query(root=ROOT))

        assert len(book.pages) == sequence + 1


@pytest.fixture
async def large(client: Client) -> Client:
    """Return a client of a world in which a root has 4.5 MB of events."""
    for sequence in range(9):
        await client.execute(command("padded 500000", sequence=sequence))
    return client


@pytest.mark.parametrize("method", ["GetEventBook", "Synchronize"])
async def test_a_book_that_is_too_large_is_refused(large: Client, method: str) -> None:
    """Size and limit are in the text."""
    found = await refused(large.ask(method, query(root=ROOT)))

    size = re.fullmatch(r"EventBook of (\d+) bytes exceeds the limit of 4194304 bytes", found.text)
    assert size is not None
    assert int(size[1]) > 9 * 500_000
    wanted = refusal("RESOURCE_EXHAUSTED", found.text, "MESSAGE_TOO_LARGE", limit="4194304")
    assert found == wanted


async def test_a_large_book_comes_in_pieces(large: Client) -> None:
    """Consecutive books of one cover, each at most one mebibyte."""
    books = await large.ask("GetEvents", query(root=ROOT))

    assert [page.num for book in books for page in book.pages] == list(range(9))
    assert max(book.ByteSize() for book in books) <= 1024 * 1024
    assert {book.cover.root.value for book in books} == {ROOT}


async def test_a_part_of_a_large_book_is_returned(large: Client) -> None:
    """What is selected counts, not what is stored."""
    (book,) = await large.ask("GetEventBook", selected(lambda it: ranged(it, 6, None)))

    assert [page.num for page in book.pages] == [6, 7, 8]


async def test_a_long_history_is_one_book(world: World) -> None:
    """More pages than are read at once make no difference."""
    await world.client.execute(command("many 1000"))
    await world.client.execute(command("many 1000", sequence=1000))

    (book,) = await world.client.ask("GetEventBook", query(root=ROOT))

    assert [page.num for page in book.pages] == list(range(2000))
