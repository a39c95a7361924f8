"""Named branches of history (contract.md §4.11), through the gateway, by a foreign client."""

from typing import Any

import grpc
import pytest

from .foreign import Client, command, message_class, query, refusal, refused, words
from .world import World

ROOT, NAME = bytes(range(16)), "what-if"
METHODS = ("GetEventBook", "GetEvents", "Synchronize")

CreateEditionRequest = message_class("CreateEditionRequest")
DeleteEditionRequest = message_class("DeleteEditionRequest")
ListEditionsRequest = message_class("ListEditionsRequest")
DryRunRequest = message_class("DryRunRequest")

each_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
async def filled(client: Client) -> Client:
    """Return a client of a world in which a root of main has three events."""
    for sequence in range(3):
        await client.execute(command(f"main {sequence}", sequence=sequence))
    return client


def on(book: Any, name: str = NAME, *, divergence: int | None = None, domain: str = "order") -> Any:
    """Return the command or query on an edition."""
    book.cover.edition.name = name
    if divergence is not None:
        book.cover.edition.divergences.add(domain=domain, sequence=divergence)
    return book


def branched(text: str, sequence: int, **options: Any) -> Any:
    """Return a command on the edition."""
    return on(command(text, sequence=sequence), **options)


async def read(client: Client, name: str = NAME, method: str = "GetEventBook") -> Any:
    """Return the history of the root on a timeline."""
    (book,) = await client.ask(method, on(query(root=ROOT), name))
    return book


async def create(client: Client, name: str = NAME, **options: Any) -> Any:
    """Make an edition."""
    request = CreateEditionRequest(name=name, description=options.get("description", ""))
    if "sequence" in options:
        request.divergence_point.as_of_sequence = options["sequence"]
    return await client.call("EditionService/CreateEdition", request)


async def delete(client: Client, name: str = NAME) -> Any:
    """Delete an edition."""
    return await client.call("EditionService/DeleteEdition", DeleteEditionRequest(name=name))


async def listed(client: Client) -> list[Any]:
    """Return the editions."""
    reply = await client.call("EditionService/ListEditions", ListEditionsRequest())
    return list(reply.editions)


@each_method
async def test_a_timeline_is_main_and_then_its_own(filled: Client, method: str) -> None:
    """Main goes on beside it, byte for byte as it was."""
    before = await read(filled, "")

    response = await filled.execute(branched("own 3", 3))
    await filled.execute(branched("own 4", 4))

    assert [page.num for page in response.events.pages] == [3]
    assert response.events.cover.edition.name == NAME
    book = await read(filled, NAME, method)
    assert words(book) == ["main 0", "main 1", "main 2", "own 3", "own 4"]
    assert [page.num for page in book.pages] == list(range(5))
    assert book.cover.edition.name == NAME
    assert await read(filled, "", method) == before
    await filled.execute(command("main 3", sequence=3))
    assert words(await read(filled, NAME, method)) == words(book)


async def test_logic_sees_the_timeline(world: World, filled: Client) -> None:
    """The first write continues the composite, not an empty root."""
    await filled.execute(branched("own 3", 3))
    await filled.execute(branched("own 4", 4))

    state = world.logic["order"].asked[-1].events
    assert (words(state)[-2:], state.cover.edition.name) == (["main 2", "own 3"], NAME)


@pytest.mark.parametrize("sequence", [0, 2, 4])
async def test_another_sequence_is_a_mismatch(filled: Client, sequence: int) -> None:
    """Counted on the composite timeline."""
    found = await refused(filled.execute(branched("own", sequence)))

    text = f"Sequence mismatch: command expects {sequence}, aggregate at 3"
    assert (found.code, found.text) == ("ABORTED", text)


async def test_a_request_says_where_it_leaves_main(filled: Client) -> None:
    """Recorded with the first command, then it holds for the domain; another one is refused."""
    await filled.execute(branched("own 1", 1, divergence=1))

    assert words(await read(filled)) == ["main 0", "own 1"]
    found = await refused(filled.execute(branched("own 2", 2, divergence=2)))
    text = "Edition what-if diverges from order at 1, not 2"
    wanted = {"edition": NAME, "domain": "order", "recorded": "1"}
    assert found == refusal("FAILED_PRECONDITION", text, "DIVERGENCE_MISMATCH", **wanted)
    asked = on(query(root=ROOT), divergence=2)
    assert await refused(filled.ask("GetEventBook", asked)) == found
    elsewhere = on(query(root=ROOT), divergence=2, domain="cart")
    assert len((await filled.ask("GetEventBook", elsewhere))[0].pages) == 2


async def test_a_created_edition_leaves_main_at_its_point(filled: Client) -> None:
    """As of a sequence: the next one is the edition's."""
    await create(filled, sequence=0)

    assert words(await read(filled)) == ["main 0"]
    await filled.execute(branched("own 1", 1))
    assert words(await read(filled)) == ["main 0", "own 1"]


@each_method
async def test_an_unknown_edition_is_main(filled: Client, method: str) -> None:
    """A read makes nothing."""
    assert words(await read(filled, "never", method)) == words(await read(filled, ""))
    assert await listed(filled) == []


async def test_selections_apply_to_the_composite(filled: Client) -> None:
    """A range over the divergence, and a point in time behind it."""
    await filled.execute(branched("own 2", 2, divergence=2))
    await filled.execute(branched("own 3", 3))
    ranged = on(query(root=ROOT))
    ranged.range.lower, ranged.range.upper = 1, 2
    past = on(query(root=ROOT))
    past.temporal.as_of_sequence = 2
    timed = on(query(root=ROOT))
    created = (await read(filled)).pages[2].created_at
    timed.temporal.as_of_time.seconds = created.seconds
    timed.temporal.as_of_time.nanos = created.nanos

    found = [words((await filled.ask("GetEventBook", it))[0]) for it in (ranged, past, timed)]

    assert found == [
        ["main 1", "own 2"],
        ["main 0", "main 1", "own 2"],
        ["main 0", "main 1", "own 2"],
    ]


async def test_a_workflow_is_what_the_edition_recorded(filled: Client) -> None:
    """By correlation id a timeline is not composed."""
    book = branched("own 3", 3)
    book.cover.correlation_id = "flow"
    await filled.execute(book)

    (own,) = await filled.ask("GetEventBook", on(query(correlation="flow")))
    (main,) = await filled.ask("GetEventBook", query(correlation="flow"))

    assert (words(own), list(main.pages)) == (["own 3"], [])


async def test_a_dry_run_reads_the_timeline(world: World, filled: Client) -> None:
    """Nothing is recorded of an edition that does not exist."""
    request = DryRunRequest()
    request.command.CopyFrom(branched("own", 0, divergence=1))
    request.point_in_time.as_of_sequence = 9

    response = await filled.call("SpeculativeService/DryRunCommand", request)

    assert [page.num for page in response.events.pages] == [1]
    assert words(world.logic["order"].asked[-1].events) == ["main 0"]
    assert await listed(filled) == []


async def test_a_command_id_belongs_to_one_timeline(filled: Client) -> None:
    """The same id on main is another command."""
    await filled.execute(branched("own 3", 3), key="once")
    again = await filled.execute(branched("own 3", 3), key="once")

    assert [page.num for page in again.events.pages] == [3]
    found = await refused(filled.execute(command("main 3", sequence=3), key="once"))
    assert found.reason == "COMMAND_ID_REUSED"


async def test_an_edition_is_made_once(filled: Client) -> None:
    """Again with equal arguments is the same; with others it exists already."""
    first = await create(filled, sequence=1, description="try")

    assert await create(filled, sequence=1, description="try") == first
    found = await refused(create(filled, sequence=2, description="try"))
    wanted = refusal(
        "ALREADY_EXISTS",
        "Edition already exists: what-if",
        "EDITION_EXISTS",
        edition=NAME,
        domain="inventory",
    )
    assert found == wanted
    (info,) = await listed(filled)
    assert (info.name, info.description, info.created_at) == (NAME, "try", first.created_at)
    assert info.divergence_point.as_of_sequence == 1


@pytest.mark.parametrize("name", ["", "angzarr"])
async def test_main_is_no_edition(client: Client, name: str) -> None:
    """Neither made nor deleted."""
    made = await refused(create(client, name))
    deleted = await refused(delete(client, name))

    assert (made.code, made.text) == (
        "INVALID_ARGUMENT",
        "Edition name angzarr is the main timeline",
    )
    assert (deleted.code, deleted.text) == (
        "INVALID_ARGUMENT",
        "The main timeline cannot be deleted",
    )


async def test_a_name_has_its_letters(client: Client) -> None:
    """As in a cover."""
    found = await refused(create(client, "not a name"))

    assert (found.code, found.text) == ("INVALID_ARGUMENT", "Invalid edition name: not a name")


async def test_a_deleted_edition_is_gone_for_ever(filled: Client) -> None:
    """In every domain, also where it was never used; main and the order of the log stay."""
    await filled.execute(branched("own 3", 3), key="once")
    main = await read(filled, "")

    await delete(filled)
    await delete(filled)

    assert await listed(filled) == []
    wanted = refusal(
        "FAILED_PRECONDITION",
        "Edition what-if was deleted",
        "EDITION_DELETED",
        edition=NAME,
        domain="order",
    )
    late = (
        filled.execute(branched("own 3", 3)),
        filled.execute(branched("own 3", 3), key="once"),
        filled.ask("GetEventBook", on(query(root=ROOT))),
        filled.ask("GetEvents", on(query(correlation="flow", domain="order"))),
    )
    assert [await refused(it) for it in late] == [wanted] * 4
    elsewhere = on(command("say it", domain="inventory"))
    assert (await refused(filled.execute(elsewhere))).text == wanted.text
    assert (await refused(create(filled))).reason == "EDITION_DELETED"
    assert await read(filled, "") == main


async def test_an_unknown_edition_cannot_be_deleted(client: Client) -> None:
    """NOT_FOUND, and its name stays free."""
    found = await refused(delete(client))

    assert found == refusal("NOT_FOUND", "No edition: what-if", "UNKNOWN_EDITION", name=NAME)
    await create(client)


@pytest.mark.parametrize("stopped", ["order", "inventory"])
async def test_a_silent_domain_fails_the_request(
    world: World, filled: Client, stopped: str
) -> None:
    """UNAVAILABLE; the request is safe to repeat."""
    await world.stop(stopped)

    found = await refused(create(filled))

    assert (found.code, found.text) == (
        "UNAVAILABLE",
        f"Service for domain {stopped} is unavailable",
    )
    await world.start_coordinator(stopped)
    await world.until(lambda: made(filled))


async def made(client: Client) -> bool:
    """Say whether the edition can be made."""
    try:
        return (await create(client)).name == NAME
    except grpc.aio.AioRpcError:
        return False
