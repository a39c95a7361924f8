"""What a client hears when a store fails or is late (contract.md §4.0, §4.1 steps 6 to 15)."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from angzarr_store import (
    Batch,
    ConflictError,
    FencedError,
    OverloadedError,
    StoreConfig,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_store_memory import MemoryStore

from .foreign import Refusal, command, query, refusal, refused, words
from .unreliable import UnreliableLog, UnreliableStore
from .world import World

UNKNOWN = "Outcome unknown; retry with the same command_id"
DAMAGED = f"Stored event order:{bytes(range(16)).hex()}:1 is damaged"


class Domain:
    """A world whose order domain stands on an unreliable log."""

    def __init__(self, world: World, store: UnreliableStore) -> None:
        self.world = world
        self.client = world.client
        self.store = store

    @property
    def log(self) -> UnreliableLog:
        """Return the log that the coordinator uses."""
        assert self.store.only is not None
        return self.store.only


StartDomain = Callable[..., Awaitable[Domain]]


@pytest.fixture
def start_domain(empty_world: World) -> StartDomain:
    """Return what starts the world with flags for the coordinator."""

    async def start(*flags: str) -> Domain:
        world = empty_world
        config = StoreConfig(url="", component="order")
        store = UnreliableStore(await MemoryStore.open(config, world.system))
        await world.start_logic("order")
        await world.start_coordinator("order", *flags, store=store)
        await world.start_gateway()
        return Domain(world, store)

    return start


@pytest.fixture
async def domain(start_domain: StartDomain) -> AsyncIterator[Domain]:
    """Return a domain with the usual settings but for a small cache."""
    yield await start_domain("--limits.cached_roots=1")


def raising(error: Exception) -> Callable[..., Awaitable[NoReturn]]:
    """Return a coroutine function that fails."""

    async def fail(*_: object) -> NoReturn:
        raise error

    return fail


async def never(*_: object) -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        pytest.param(
            StoreUnavailableError("the disk is gone"),
            refusal(
                "INTERNAL",
                "Failed to persist events: the disk is gone",
                "STORE_WRITE_FAILED",
                command_id="c-1",
            ),
            id="write failed",
        ),
        pytest.param(
            StoreFullError("no space"),
            refusal("RESOURCE_EXHAUSTED", "Store is full", "STORE_FULL"),
            id="full",
        ),
        pytest.param(
            OverloadedError("too much waits"),
            refusal(
                "RESOURCE_EXHAUSTED",
                "Too many requests in flight",
                "OVERLOADED",
                retry_after_ms="100",
            ),
            id="overloaded",
        ),
        pytest.param(
            UnknownOutcomeError("c-1"),
            refusal("UNAVAILABLE", UNKNOWN, "OUTCOME_UNKNOWN", outcome="unknown", command_id="c-1"),
            id="unknown",
        ),
    ],
)
async def test_an_append_that_fails_has_its_answer(
    domain: Domain, error: Exception, answer: Refusal
) -> None:
    """Each failure says whether it is certain, and the id may be sent again."""
    domain.log.on_append = raising(error)

    found = await refused(domain.client.execute(command("hello"), key="c-1"))
    domain.log.on_append = None

    assert found == answer
    assert words((await domain.client.execute(command("hello"), key="c-1")).events) == ["hello"]


async def test_a_storm_of_conflicts_ends(domain: Domain) -> None:
    """A command that others overtake is decided anew, a few times; its id may be sent again."""
    overtaken = 0

    async def overtake(*_: object) -> NoReturn:
        nonlocal overtaken
        overtaken += 1
        raise ConflictError(0, 1)

    domain.log.on_append = overtake

    found = await refused(domain.client.execute(command("hello"), key="c-1"))
    domain.log.on_append = None

    text = "Sequence conflict: expected 0, got 1"
    assert found == refusal("UNAVAILABLE", text, "CONFLICT", expected="0", next="1")
    assert overtaken == 5
    assert words((await domain.client.execute(command("hello"), key="c-1")).events) == ["hello"]


async def test_a_state_that_cannot_be_read_fails_the_command(domain: Domain) -> None:
    """Nothing was stored; the text says what is wrong."""
    domain.log.on_read = raising(StoreUnavailableError("the disk is gone"))

    found = await refused(domain.client.execute(command("hello")))

    text = "Failed to load events: the disk is gone"
    assert found == refusal("INTERNAL", text, "STORE_READ_FAILED")


async def test_a_damaged_event_is_data_loss(domain: Domain) -> None:
    """Commands and queries name the event, and other roots go on."""
    await domain.client.execute(command("many 3"))
    await domain.client.execute(command("other", root=bytes(16)))
    domain.log.damaged = 1

    by_command = await refused(domain.client.execute(command("more", sequence=3)))
    asked = query(root=bytes(range(16)))
    by_query = await refused(domain.client.call("EventQuery/GetEventBook", asked))

    wanted = refusal("DATA_LOSS", DAMAGED, "DATA_DAMAGED", sequence="1")
    assert by_command == wanted == by_query
    await domain.client.execute(command("more", root=bytes(16), sequence=1))


async def test_an_exception_of_ours_leaks_nothing(domain: Domain) -> None:
    """The text names an incident, under which the rest is logged."""
    domain.log.on_read = raising(RuntimeError("a secret"))

    found = await refused(domain.client.execute(command("hello")))

    assert re.fullmatch(r"Internal error \(incident [0-9a-f]+\)", found.text)
    assert found == refusal("INTERNAL", found.text, "INTERNAL")


async def test_a_fenced_coordinator_stores_nothing_and_ends(domain: Domain) -> None:
    """Somebody with a newer epoch owns the domain now, so that nobody is sent here any more."""
    await domain.store.inner.log("order")

    found = await refused(domain.client.execute(command("hello"), key="c-1"))

    text = "Coordinator of domain order is fenced: epoch 1 is superseded"
    assert found == refusal("UNAVAILABLE", text, "FENCED")
    await domain.world.until(lambda: domain.world.died)
    assert [type(it) for it in domain.world.died] == [FencedError]
    domain.world.died.clear()


async def test_a_race_with_another_writer_answers_as_a_stale_sequence(domain: Domain) -> None:
    """The sequence was right when the command came and was taken meanwhile."""

    async def overtake(batch: Batch) -> None:
        domain.log.on_append = None
        await domain.log.inner.append(replace(batch, command_id="other"))

    domain.log.on_append = overtake

    found = await refused(domain.client.execute(command("hello"), key="c-1"))

    text = "Sequence mismatch: command expects 0, aggregate at 1"
    told = {"expected": "0", "next": "1", "truncated": "false"}
    assert found == refusal("ABORTED", text, "SEQUENCE_MISMATCH", **told)


async def test_a_deadline_before_the_append_stores_nothing(start_domain: StartDomain) -> None:
    """It is certain that nothing was stored."""
    domain = await start_domain("--max_deadline=0.2")
    domain.log.on_read = never

    found = await refused(domain.client.execute(command("hello")))

    text = "Deadline exceeded; nothing was stored"
    assert found == refusal("DEADLINE_EXCEEDED", text, "DEADLINE")


async def test_a_deadline_during_the_append_is_unknown(start_domain: StartDomain) -> None:
    """Only the same id can tell what became of it."""
    domain = await start_domain("--max_deadline=0.5")
    domain.log.on_append = never

    found = await refused(domain.client.execute(command("hello"), key="c-1"))
    domain.log.on_append = None

    told = {"outcome": "unknown", "command_id": "c-1"}
    assert found == refusal("DEADLINE_EXCEEDED", UNKNOWN, "OUTCOME_UNKNOWN", **told)
    assert words((await domain.client.execute(command("hello"), key="c-1")).events) == ["hello"]


async def test_a_store_that_falls_silent_leaves_the_outcome_unknown(
    start_domain: StartDomain,
) -> None:
    """The event is stored, so the answer may be anything but that nothing was."""
    domain = await start_domain("--max_deadline=0.5")

    async def fall_silent(batch: Batch) -> None:
        await domain.log.inner.append(batch)
        domain.log.on_recall = never
        await never()

    domain.log.on_append = fall_silent

    found = await refused(domain.client.execute(command("hello"), key="c-1"))

    assert (found.reason, found.metadata["outcome"]) == ("OUTCOME_UNKNOWN", "unknown")


async def test_a_full_lane_refuses_at_once(start_domain: StartDomain) -> None:
    """Too many commands of one root wait already; other roots go on."""
    domain = await start_domain("--limits.lane_commands=1")
    logic = domain.world.logic["order"]
    async with asyncio.TaskGroup() as group:
        first = group.create_task(domain.client.execute(command("hold")))
        await logic.called.wait()

        found = await refused(domain.client.execute(command("hello")))
        other = await domain.client.execute(command("hello", root=bytes(16)))
        logic.released.set()

    text = "Too many requests in flight"
    wanted = refusal("RESOURCE_EXHAUSTED", text, "OVERLOADED", retry_after_ms="100")
    assert (found, words(other.events)) == (wanted, ["hello"])
    assert words(first.result().events) == ["hold"]
