"""Coordinators that are silent, and what the gateway repeats (contract.md §4.9)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from .foreign import Refusal, command, query, refusal, refused, words
from .link import Link
from .upstream import Upstream
from .world import World

UNAVAILABLE = "Service for domain order is unavailable"
SECOND = command("second", sequence=1)
UNKNOWN = "Outcome unknown; retry with the same command_id"


def unavailable(outcome: str) -> Refusal:
    """Return the refusal of a command whose coordinator is silent."""
    return refusal("UNAVAILABLE", UNAVAILABLE, "UPSTREAM_UNAVAILABLE", outcome=outcome)


@pytest.fixture
async def link(empty_world: World) -> AsyncIterator[Link]:
    """Return a link to the order domain that the gateway's route leads over."""
    made = Link(empty_world.address("order"))
    await made.start()
    empty_world.routes["order"] = made.address
    yield made
    made.close()


@pytest.fixture
async def linked(link: Link, empty_world: World) -> World:
    """Start a world whose gateway reaches the order domain over the link; it knows one event."""
    await empty_world.start()
    await empty_world.client.execute(command("first"))
    assert link.address
    return empty_world


@pytest.fixture
async def upstream(empty_world: World) -> AsyncIterator[Upstream]:
    """Put a foreign coordinator in the place of the order domain's."""
    made = Upstream()
    server = await made.start(empty_world.address("order"))
    yield made
    await server.stop(None)


async def stored(world: World) -> list[str]:
    """Return what the coordinator has stored, asked without the gateway."""
    asked = query(root=bytes(range(16)))
    return words(await world.direct("order").call("EventQuery/GetEventBook", asked))


async def has(world: World, texts: list[str]) -> bool:
    """Say whether exactly these events are stored."""
    return await stored(world) == texts


async def test_without_an_id_nothing_is_repeated(empty_world: World) -> None:
    """Nobody listens, so it is certain that nothing was applied, and the answer comes at once."""
    await empty_world.start_gateway()

    found = await refused(empty_world.client.execute(command("hello")))

    assert found == unavailable("not_applied")


async def test_with_an_id_the_gateway_waits_for_the_coordinator(empty_world: World) -> None:
    """A command that comes while its coordinator restarts is only late."""
    world = empty_world
    await world.start_gateway()
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(world.client.execute(command("hello"), key="c-1"))
        await refused(world.client.execute(command("probe")))
        await world.start_logic("order")
        await world.start_coordinator("order")

    assert words(sending.result().events) == ["hello"]


async def test_the_gateway_gives_up_before_the_deadline(empty_world: World) -> None:
    """The client hears that nothing was applied, not only that time is over."""
    await empty_world.start_gateway("--usual_deadline=0.5")

    found = await refused(
        empty_world.client.execute(command("hello"), key="c-1", timeout_seconds=None)
    )

    assert found == unavailable("not_applied")


async def test_a_lost_answer_is_asked_for_again_by_the_id(link: Link, linked: World) -> None:
    """The effect was stored, the answer lost: the repeat brings the first result, once."""
    link.muted = True
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(linked.client.execute(SECOND, key="c-1"))
        await linked.until(lambda: has(linked, ["first", "second"]))
        link.muted = False
        link.cut()

    assert [page.num for page in sending.result().events.pages] == [1]
    assert await has(linked, ["first", "second"])


async def test_a_lost_answer_without_an_id_is_unknown(link: Link, linked: World) -> None:
    """Bytes were sent, so nobody can say what became of the command; it is not repeated."""
    link.muted = True
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(refused(linked.client.execute(SECOND)))
        await linked.until(lambda: has(linked, ["first", "second"]))
        link.muted = False
        link.cut()

    assert sending.result() == unavailable("unknown")
    assert await has(linked, ["first", "second"])


async def test_unknown_stays_unknown(link: Link, empty_world: World) -> None:
    """One attempt may have acted; later ones that certainly did not change nothing about that."""
    world = empty_world
    await world.start_logic("order")
    await world.start_coordinator("order")
    await world.start_gateway("--usual_deadline=1.5")
    await world.client.execute(command("first"))
    link.muted = True
    async with asyncio.TaskGroup() as group:
        call = world.client.execute(SECOND, key="c-1", timeout_seconds=None)
        sending = group.create_task(refused(call))
        await world.until(lambda: has(world, ["first", "second"]))
        link.close()

    assert sending.result() == unavailable("unknown")


async def test_a_coordinator_that_never_answers_leaves_the_outcome_unknown(
    upstream: Upstream, empty_world: World
) -> None:
    """The usual deadline ends the call; the same id settles it."""
    await empty_world.start_gateway("--usual_deadline=0.5")

    found = await refused(
        empty_world.client.execute(command("hello"), key="c-1", timeout_seconds=None)
    )

    assert (found.code, found.text) == ("DEADLINE_EXCEEDED", UNKNOWN)
    assert (found.reason, found.metadata["outcome"]) == ("OUTCOME_UNKNOWN", "unknown")
    assert len(upstream.asked) == 1


async def test_a_stall_does_not_turn_unknown_into_not_applied(
    upstream: Upstream, empty_world: World
) -> None:
    """A gateway that was busy at the deadline still does not know what became of a command."""
    world, clock = empty_world, empty_world.system.clock
    await world.start_gateway("--usual_deadline=0.5")
    async with asyncio.TaskGroup() as group:
        call = world.client.execute(command("hello"), key="c-1", timeout_seconds=None)
        sending = group.create_task(refused(call))
        await world.until(lambda: upstream.asked)
        end = clock.monotonic() + 1
        while clock.monotonic() < end:
            pass

    assert sending.result().metadata["outcome"] == "unknown"


async def test_a_coordinator_that_ends_leaves_the_outcome_unknown(
    upstream: Upstream, empty_world: World
) -> None:
    """A call that its server cancelled is repeated under its id, like one whose server is gone."""
    upstream.answers = [("CANCELLED", ""), ("INTERNAL", "")]
    await empty_world.start_gateway()

    await refused(empty_world.client.execute(command("hello"), key="c-1"))
    upstream.answers = [("CANCELLED", "")]
    found = await refused(empty_world.client.execute(command("hello")))

    assert len(upstream.asked) == 3
    assert (found.reason, found.metadata["outcome"]) == ("UPSTREAM_UNAVAILABLE", "unknown")


async def test_an_unknown_outcome_names_the_id(upstream: Upstream, empty_world: World) -> None:
    """The client sees which id settles it."""
    await empty_world.start_gateway("--usual_deadline=0.5")

    found = await refused(
        empty_world.client.execute(command("hello"), key="c-1", timeout_seconds=None)
    )

    assert len(upstream.asked) == 1
    assert found.metadata == {"outcome": "unknown", "command_id": "c-1"}


async def test_the_longest_deadline_caps_the_callers(
    upstream: Upstream, empty_world: World
) -> None:
    """Nobody holds a call longer than the gateway allows."""
    await empty_world.start_gateway("--max_deadline=0.5")

    found = await refused(empty_world.client.execute(command("hello")))

    assert (found.code, len(upstream.asked)) == ("DEADLINE_EXCEEDED", 1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ABORTED", ""),
        ("INTERNAL", ""),
        ("RESOURCE_EXHAUSTED", "OVERLOADED"),
        ("UNAVAILABLE", "LOGIC_UNAVAILABLE"),
        ("UNAVAILABLE", "NOT_READY"),
        ("DEADLINE_EXCEEDED", "LOGIC_DEADLINE"),
    ],
)
async def test_what_a_coordinator_answers_is_final(
    upstream: Upstream, empty_world: World, code: str, reason: str
) -> None:
    """A status passes unchanged, and no id makes the gateway repeat the command."""
    upstream.answers = [(code, reason)]
    await empty_world.start_gateway()

    found = await refused(empty_world.client.execute(command("hello"), key="c-1"))

    assert found == Refusal(code=code, text=f"Coordinator says {code}", reason=reason)
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("method", ["GetEventBook", "GetEvents", "Synchronize"])
async def test_queries_name_the_domain_that_is_silent(world: World, method: str) -> None:
    """An unreachable coordinator is an error for a query too, never an empty answer."""
    await world.stop("order")
    asked = query(root=bytes(range(16)))

    found = await refused(world.client.ask(method, asked))

    assert (found.code, found.text) == ("UNAVAILABLE", UNAVAILABLE)
    assert found.reason == "UPSTREAM_UNAVAILABLE"


@pytest.mark.parametrize("method", ["GetEventBook", "GetEvents", "Synchronize"])
async def test_a_query_that_is_late_changed_nothing(
    link: Link, empty_world: World, method: str
) -> None:
    """There is no outcome that a command id could settle."""
    await empty_world.start_coordinator("order")
    await empty_world.start_gateway("--usual_deadline=0.5")
    asked = query(root=bytes(range(16)))
    await empty_world.client.ask(method, asked)
    link.muted = True

    found = await refused(empty_world.client.ask(method, asked, timeout_seconds=None))

    text = "Deadline exceeded; nothing was stored"
    assert found == refusal("DEADLINE_EXCEEDED", text, "DEADLINE")


async def test_a_domain_that_comes_back_is_reached_again(world: World) -> None:
    """No dead connection is kept."""
    await world.stop("order")
    await refused(world.client.execute(command("hello")))

    await world.start_coordinator("order")
    response = await world.client.execute(command("hello"), key="c-1")

    assert words(response.events) == ["hello"]
