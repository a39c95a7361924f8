"""A failing event stops its own root and nobody else."""

from dataclasses import replace
from typing import Any

from angzarr_delivery import LOGIC, FailedError, PauseError
from angzarr_ports import Backoff, SystemRandomness
from angzarr_store import LetterState, Reaction, ReactionState, SaveReaction

POISON = bytes([1]) * 16


async def fail_poison(event: Any, _: Any) -> None:
    """Fail the second event of root 1."""
    if (event.key.root, event.sequence) == (POISON, 1):
        raise FailedError(b"status", "BROKEN")


async def test_a_failing_event_parks_its_root_only(world: Any) -> None:
    """After its budget it becomes a letter with its bytes; its successors wait behind it."""
    world.handler.act = fail_poison
    world.start(attempts=3)
    for _ in range(4):
        await world.record(1)
        await world.record(2)
    await world.until_checkpoint(8)

    letters = world.ledger.saved(LetterState.PARKED)
    assert [(it.position, it.reason, it.attempts) for it in letters] == [
        (3, "BROKEN", 3),
        (5, "BEHIND_DEAD_LETTER", 0),
        (7, "BEHIND_DEAD_LETTER", 0),
    ]
    assert [sequence for root, sequence in world.handler.seen if root == POISON] == [0]
    assert [sequence for root, sequence in world.handler.seen if root != POISON] == [0, 1, 2, 3]


async def test_attempts_survive_a_restart(world: Any) -> None:
    """A crash does not give a failing event a new budget."""
    world.handler.act = fail_poison
    world.start(attempts=50)
    await world.record(1, count=2)
    await world.until(lambda: len(world.ledger.saved(LetterState.RETRYING)) >= 3)
    await world.crash()
    spent = world.ledger.saved(LetterState.RETRYING)[-1].attempts
    world.handler.attempts.clear()
    world.start(attempts=spent + 1)
    await world.until_checkpoint(2)

    assert world.handler.attempts == [spent + 1]


async def test_a_parked_root_stays_parked_over_a_restart(world: Any) -> None:
    """Later events of the root become letters, untried."""
    world.handler.act = fail_poison
    world.start(attempts=1)
    await world.record(1, count=2)
    await world.until_checkpoint(2)
    await world.crash()
    world.handler.act = None
    world.start()
    await world.record(1)
    await world.until_checkpoint(3)

    assert [it.position for it in world.ledger.saved(LetterState.PARKED)] == [2, 3]
    assert len(world.handler.seen) == 1


async def test_a_final_failure_parks_at_once(world: Any) -> None:
    """What cannot succeed is not tried again."""

    async def refuse(_: Any, __: Any) -> None:
        raise FailedError(b"", "WRONG", final=True)

    world.handler.act = refuse
    world.start(attempts=8)
    await world.record(1)
    await world.until_checkpoint(1)

    assert world.handler.attempts == [1]


async def test_a_retry_that_succeeds_leaves_no_letter(world: Any) -> None:
    """The counted failures are forgotten with the success."""

    async def fail_once(event: Any, _: Any) -> None:
        if event.attempt == 1:
            raise FailedError(b"", "LATER")

    world.handler.act = fail_once
    world.start()
    await world.record(1)
    await world.until_checkpoint(1)
    lease = await world.store.ledger.acquire("saga", "order")

    assert (await world.store.ledger.backlog(lease)).letters == ()


async def test_silent_logic_pauses_and_costs_no_attempt(world: Any) -> None:
    """While the logic cannot be asked nothing is counted; begin and end are told."""
    silent = [True] * 20

    async def absent(_: Any, __: Any) -> None:
        if silent:
            silent.pop()
            raise PauseError("no logic")

    world.handler.act = absent
    world.start(attempts=2)
    await world.record(1)
    await world.until_checkpoint(1)

    assert set(world.handler.attempts) == {1}
    told = [fault for condition, fault in world.faults if condition == LOGIC]
    assert told == ["no logic", ""]


async def test_recorded_reactions_come_back(world: Any) -> None:
    """What was decided is given to every later attempt, also after a crash."""
    reaction = Reaction(position=1, index=0, command_id="c-1", command=b"bytes")
    found = []
    restarted = []

    async def decide_once(event: Any, commit: Any) -> list[SaveReaction]:
        found.append(event.reactions)
        if not event.reactions:
            await commit([SaveReaction(reaction=reaction)])
        if not restarted:
            raise FailedError(b"", "LATER")
        return [SaveReaction(reaction=replace(reaction, state=ReactionState.ACCEPTED))]

    world.handler.act = decide_once
    world.start(attempts=99)
    await world.record(1)
    await world.until(lambda: len(found) >= 2)
    await world.crash()
    restarted.append(True)
    world.start(attempts=99)
    await world.until_checkpoint(1)

    assert found[0] == ()
    assert set(found[1:]) == {(reaction,)}


def test_backoff_doubles_up_to_its_limit() -> None:
    """0.2, 0.4, … 30 seconds; chance takes at most half of it."""
    chance = SystemRandomness()

    for attempt, longest in ((1, 0.2), (2, 0.4), (5, 3.2), (60, 30.0)):
        assert longest / 2 <= Backoff().seconds(attempt, chance) <= longest
