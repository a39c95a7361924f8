"""A command that is malformed is refused at the gateway, row by row of contract.md §4.1 step 1."""

from collections.abc import Callable
from typing import Any

import pytest

from .foreign import Client, Refusal, command, refusal, refused, words
from .world import World

Change = Callable[[Any], object]


def invalid(text: str, field: str) -> Refusal:
    """Return the refusal of an argument."""
    return refusal("INVALID_ARGUMENT", text, "INVALID_ARGUMENT", field=field)


def root_of(length: int) -> Change:
    """Return a change to a root of so many bytes."""
    return lambda book: setattr(book.cover.root, "value", bytes(length))


def domain_of(name: str) -> Change:
    """Return a change to a domain."""
    return lambda book: setattr(book.cover, "domain", name)


def edition_of(name: str) -> Change:
    """Return a change to an edition."""
    return lambda book: setattr(book.cover.edition, "name", name)


NO_COVER = invalid("CommandBook must have a cover", "cover")
NO_DOMAIN = invalid("Cover must have a domain", "cover.domain")
NO_ROOT = invalid("Cover must have a root UUID", "cover.root")
NO_COMMAND = invalid("CommandPage must have a command", "pages.command")
LONG_NAME = "a" * 64


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        pytest.param(lambda book: book.Clear(), NO_COVER, id="nothing"),
        pytest.param(lambda book: book.ClearField("cover"), NO_COVER, id="no cover"),
        pytest.param(domain_of(""), NO_DOMAIN, id="no domain"),
        pytest.param(lambda book: book.cover.ClearField("root"), NO_ROOT, id="no root"),
        *(
            pytest.param(
                root_of(length),
                invalid(f"Invalid UUID: expected 16 bytes, got {length}", "cover.root"),
                id=f"root of {length} bytes",
            )
            for length in (0, 15, 17, 36)
        ),
        pytest.param(
            lambda book: book.ClearField("pages"),
            invalid("CommandBook must have exactly one page, got 0", "pages"),
            id="no page",
        ),
        pytest.param(
            lambda book: book.pages.append(book.pages[0]),
            invalid("CommandBook must have exactly one page, got 2", "pages"),
            id="two pages",
        ),
        pytest.param(lambda book: book.pages[0].Clear(), NO_COMMAND, id="no command"),
        pytest.param(
            lambda book: book.pages[0].command.ClearField("type_url"), NO_COMMAND, id="no type"
        ),
        *(
            pytest.param(
                domain_of(name), invalid(f"Invalid domain: {name}", "cover.domain"), id=name
            )
            for name in ("Order", "a--b", "1st", "or der", LONG_NAME)
        ),
        *(
            pytest.param(
                edition_of(name), invalid(f"Invalid edition name: {name}", "cover.edition"), id=name
            )
            for name in ("-if", "what if", "a" * 65)
        ),
    ],
)
async def test_a_malformed_command_gets_its_exact_answer(
    world: World, change: Change, answer: Refusal
) -> None:
    """The text names what is missing, and nobody behind the gateway is asked."""
    book = command("hello")
    change(book)

    found = await refused(world.client.execute(book))

    assert found == answer
    assert world.logic["order"].asked == []


@pytest.mark.parametrize(
    "domain", ["_meta.topology", "angzarr.saga-failures", "a.b", "unknown", "*", "#", "_x"]
)
async def test_a_reserved_domain_takes_no_commands(client: Client, domain: str) -> None:
    """Only the framework writes there."""
    found = await refused(client.execute(command("hello", domain=domain)))

    text = f"Domain {domain} is reserved"
    assert found == refusal("INVALID_ARGUMENT", text, "RESERVED_DOMAIN", domain=domain)


async def test_an_unknown_domain_is_named(client: Client) -> None:
    """NOT_FOUND at the gateway, before any coordinator is asked."""
    found = await refused(client.execute(command("hello", domain="cart")))

    text = "No service registered for domain: cart"
    assert found == refusal("NOT_FOUND", text, "UNKNOWN_DOMAIN", domain="cart")


async def test_the_fallback_route_takes_what_nobody_owns(empty_world: World) -> None:
    """The coordinator behind `*` gives the answer, and it passes unchanged."""
    world = empty_world
    world.routes["*"] = world.address("order")
    await world.start()

    found = await refused(world.client.execute(command("hello", domain="cart")))

    text = "No handler registered for domain: cart"
    assert found == refusal("NOT_FOUND", text, "UNKNOWN_DOMAIN", domain="cart")


async def test_each_domain_has_its_own_coordinator(world: World) -> None:
    """The domain of the cover alone decides where a command goes."""
    for domain in ("inventory", "order"):
        response = await world.client.execute(command(f"to {domain}", domain=domain))

        assert words(response.events) == [f"to {domain}"]
        assert response.events.cover.domain == domain
        assert len(world.logic[domain].asked) == 1


@pytest.mark.parametrize("name", ["", "angzarr"])
async def test_main_has_one_spelling_in_answers(client: Client, name: str) -> None:
    """Unset, empty and `angzarr` are the same timeline."""
    book = command("hello")
    book.cover.edition.name = name

    response = await client.execute(book)

    assert response.events.cover.edition.name == "angzarr"


async def test_the_nil_root_is_a_root(client: Client) -> None:
    """Sixteen zero bytes are an identity like any other."""
    response = await client.execute(command("hello", root=bytes(16)))

    assert response.events.cover.root.value == bytes(16)


async def test_an_accepted_command_answers_with_its_stored_pages(world: World) -> None:
    """Numbers, times and the full cover are there; logic saw the state without correlation id."""
    await world.client.execute(command("many 2"))
    response = await world.client.execute(command("more", sequence=2))

    (page,) = response.events.pages
    asked = world.logic["order"].asked[1]
    assert (page.num, page.created_at.seconds > 0) == (2, True)
    assert response.events.cover.root.value == bytes(range(16))
    assert [it.num for it in asked.events.pages] == [0, 1]
    assert (asked.events.cover.domain, asked.events.cover.correlation_id) == ("order", "")
    assert asked.command.cover.correlation_id == response.events.cover.correlation_id


@pytest.mark.parametrize("word", ["nothing", "unset"])
async def test_no_events_are_an_acceptance(client: Client, word: str) -> None:
    """The answer has the cover and no pages, and the root stays where it was."""
    response = await client.execute(command(word))

    assert list(response.events.pages) == []
    assert response.events.cover.domain == "order"
    assert words((await client.execute(command("first"))).events) == ["first"]
