"""Queries of a workflow over all domains, listings, and streams of queries (contract.md §4.4)."""

from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from .foreign import Client, broken_off, command, query, refusal, refused, words
from .world import World

ROOTS = [bytes([number]) * 16 for number in (3, 1, 2)]
LISTING = "EventQuery/GetAggregateRoots"
INTERLEAVED = [
    ("order", ROOTS[0], 0),
    ("inventory", ROOTS[1], 0),
    ("order", ROOTS[1], 0),
    ("inventory", ROOTS[0], 0),
    ("order", ROOTS[0], 1),
]


@pytest.fixture
async def filled(world: World) -> World:
    """Return a world with events of one workflow, and one of another, in both domains."""
    for domain, root, sequence in INTERLEAVED:
        await send(world, domain, root, sequence, "flow")
    await send(world, "order", ROOTS[2], 0, "another")
    return world


async def send(world: World, domain: str, root: bytes, sequence: int, workflow: str) -> None:
    """Record one event that says where it is."""
    text = f"{domain} {root[0]} {sequence}"
    book = command(text, domain=domain, root=root, sequence=sequence)
    book.cover.correlation_id = workflow
    await world.client.execute(book)


def places(books: list[Any]) -> list[tuple[str, int, list[int]]]:
    """Return domain, root and page numbers of each book."""
    return [
        (book.cover.domain, book.cover.root.value[0], [page.num for page in book.pages])
        for book in books
    ]


async def test_a_workflow_comes_from_all_domains(filled: World) -> None:
    """One book per root, ordered by domain, then by first position."""
    books = await filled.client.ask("GetEvents", query("", correlation="flow"))

    assert places(books) == [
        ("inventory", 1, [0]),
        ("inventory", 3, [0]),
        ("order", 3, [0, 1]),
        ("order", 1, [0]),
    ]
    assert {book.cover.correlation_id for book in books} == {"flow"}
    assert {book.cover.edition.name for book in books} == {"angzarr"}


async def test_a_workflow_comes_from_one_domain(filled: World) -> None:
    """The domain of the cover narrows it."""
    books = await filled.client.ask("GetEvents", query(correlation="flow"))

    assert places(books) == [("order", 3, [0, 1]), ("order", 1, [0])]


@pytest.mark.parametrize(
    ("domain", "workflow", "place"),
    [
        ("", "flow", ("inventory", 1, [0])),
        ("order", "flow", ("order", 3, [0, 1])),
        ("", "another", ("order", 2, [0])),
    ],
)
@pytest.mark.parametrize("method", ["GetEventBook", "Synchronize"])
async def test_one_book_of_a_workflow_is_the_first(
    filled: World, method: str, domain: str, workflow: str, place: tuple[str, int, list[int]]
) -> None:
    """In the same order as all of them, whichever domain has one."""
    books = await filled.client.ask(method, query(domain, correlation=workflow))

    assert places(books) == [place]


async def test_a_selection_applies_to_a_workflow(filled: World) -> None:
    """Roots without a selected page are left out."""
    asked = query("", correlation="flow")
    asked.range.lower = 1

    books = await filled.client.ask("GetEvents", asked)

    assert places(books) == [("order", 3, [1])]


async def test_an_unknown_workflow_is_empty(filled: World) -> None:
    """No book at all, or one without anything."""
    asked = query("", correlation="never")

    assert await filled.client.ask("GetEvents", asked) == []
    (book,) = await filled.client.ask("GetEventBook", asked)
    assert book.ByteSize() == 0


@pytest.mark.parametrize("stopped", ["order", "inventory"])
async def test_a_silent_domain_is_no_omission(filled: World, stopped: str) -> None:
    """A workflow of which a part cannot be read is an error."""
    await filled.stop(stopped)

    found = await refused(filled.client.ask("GetEvents", query("", correlation="flow")))

    assert (found.code, found.reason) == ("UNAVAILABLE", "UPSTREAM_UNAVAILABLE")
    assert found.text == f"Service for domain {stopped} is unavailable"


async def test_synchronize_answers_each_query_in_order(filled: World) -> None:
    """The queries may name different domains."""
    asked = [query(domain, root=root) for domain, root, _ in INTERLEAVED]

    books = await filled.client.ask("Synchronize", *asked)

    found = [(book.cover.domain, book.cover.root.value) for book in books]
    assert found == [(domain, root) for domain, root, _ in INTERLEAVED]


async def test_synchronize_needs_a_query(client: Client) -> None:
    """An empty stream of queries is refused."""
    found = await refused(client.ask("Synchronize"))

    text = "No queries provided"
    assert found == refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field="queries")


async def test_the_first_failing_query_ends_the_stream(filled: World) -> None:
    """Its status is the status of the stream; what came before is delivered."""
    asked = [query(root=ROOTS[0]), query("cart", root=ROOTS[0]), query(root=ROOTS[1])]

    received, error = await broken_off(filled.client.synchronize(*asked))

    assert [words(book) for book in received] == [["order 3 0", "order 3 1"]]
    assert error.details() == "No service registered for domain: cart"


async def test_roots_of_all_domains_are_listed_once(filled: World) -> None:
    """By domain, then by first position."""
    found = [it async for it in filled.client.stream(LISTING, Empty())]

    assert [(it.domain, it.root.value[0]) for it in found] == [
        ("inventory", 1),
        ("inventory", 3),
        ("order", 3),
        ("order", 1),
        ("order", 2),
    ]


async def test_no_root_is_no_error(client: Client) -> None:
    """An empty application has an empty listing."""
    assert [it async for it in client.stream(LISTING, Empty())] == []


async def test_reserved_domains_are_not_listed(empty_world: World) -> None:
    """Neither the fallback nor a domain of the framework is asked, be it unreachable."""
    for domain in ("*", "_meta.topology", "angzarr.saga-failures"):
        empty_world.routes[domain] = empty_world.address("nobody")
    await empty_world.start()
    await send(empty_world, "order", ROOTS[0], 0, "flow")

    found = [it async for it in empty_world.client.stream(LISTING, Empty())]

    assert [it.domain for it in found] == ["order"]


async def test_a_silent_domain_ends_the_listing(filled: World) -> None:
    """What came before is delivered, then the domain is named."""
    await filled.stop("order")

    received, error = await broken_off(filled.client.stream(LISTING, Empty()))

    assert [root.domain for root in received] == ["inventory", "inventory"]
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert error.details() == "Service for domain order is unavailable"
