"""Which replica is called, and which one after it (architecture.md §6)."""

from typing import Any

import pytest

from angzarr_discovery import Component
from angzarr_replicas import Replicas
from angzarr_service import CallError, RequestError

ROOTS = [number.to_bytes(16, "big") for number in range(300)]
UNKNOWN = RequestError("OUTCOME_UNKNOWN", "Outcome unknown", outcome="unknown")
STOPPING = RequestError("NOT_READY", "Not ready: stopping", outcome="not_applied")


def component(*addresses: str) -> Component:
    """Return a component with replicas."""
    return Component(name="order", kind="aggregate", domain="order", addresses=addresses)


def preferred(replicas: Replicas, *addresses: str) -> dict[bytes, str]:
    """Return the replica that each root prefers."""
    return {root: replicas.ranked(component(*addresses), root)[0] for root in ROOTS}


def test_roots_are_shared(world: Any) -> None:
    """Each replica gets about as many, whatever the order in which the replicas are told."""
    found = preferred(world.replicas, "a:1", "b:1", "c:1")

    assert found == preferred(world.replicas, "c:1", "a:1", "b:1")
    assert all(70 < list(found.values()).count(it) < 130 for it in ("a:1", "b:1", "c:1"))


def test_a_replica_that_goes_moves_only_its_own_roots(world: Any) -> None:
    """The others' roots stay where their histories are kept."""
    before = preferred(world.replicas, "a:1", "b:1", "c:1")
    after = preferred(world.replicas, "a:1", "b:1")

    moved = {root for root in ROOTS if before[root] != after[root]}

    assert moved == {root for root in ROOTS if before[root] == "c:1"}


async def test_calls_about_a_root_meet_one_replica(world: Any) -> None:
    """As long as it answers."""
    for _ in range(3):
        await world.command()

    assert world.asked == (3, 0)


async def test_a_replica_that_is_gone_is_replaced(world: Any) -> None:
    """A command that nobody can have taken goes to the next one."""
    await world.stop(world.first)

    await world.command()

    assert world.asked == (0, 1)


async def test_a_silent_replica_comes_last_for_a_while(world: Any) -> None:
    """Although it is back; five seconds later it is preferred again."""
    await world.stop(world.first)
    await world.command()
    await world.listen(world.first)
    await world.reach(world.first)

    await world.command()
    world.clock.ahead = 5.0
    await world.command()

    assert world.asked == (1, 2)


async def test_what_was_not_applied_goes_on(world: Any) -> None:
    """The replica itself has said so; it is not silent and stays preferred."""
    world.first.fault = STOPPING

    await world.command()
    await world.command()

    assert world.asked == (2, 2)


async def test_a_command_that_may_be_applied_does_not_go_on(world: Any) -> None:
    """Who sent it decides, by the id that makes a repeat harmless."""
    world.first.fault = UNKNOWN

    with pytest.raises(CallError, match="Outcome unknown"):
        await world.command()

    assert world.asked == (1, 0)


async def test_a_question_goes_on_anyway(world: Any) -> None:
    """Asking twice changes nothing, alone or in a stream."""
    world.first.fault = UNKNOWN

    await world.question()

    assert await world.questions() == [2]
    assert world.asked == (2, 2)


async def test_an_answer_is_final(world: Any) -> None:
    """A refusal is that of every replica."""
    world.first.fault = RequestError("INVALID_ARGUMENT", "no root", field="root")

    with pytest.raises(CallError, match="no root"):
        await world.command()

    assert world.asked == (1, 0)


async def test_a_stream_that_has_begun_is_not_begun_again(world: Any) -> None:
    """What was told would be told twice."""
    world.first.is_cut = True

    with pytest.raises(CallError, match="stopping"):
        await world.questions()

    assert world.asked == (1, 0)


async def test_when_all_are_gone_the_last_one_says_so(world: Any) -> None:
    """In either way of asking."""
    for it in (world.first, world.second):
        await world.stop(it)

    with pytest.raises(CallError, match="failed to connect"):
        await world.command()
    with pytest.raises(CallError, match="failed to connect"):
        await world.questions()
