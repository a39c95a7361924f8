"""A parked root goes on when an operator decides, in order and only once."""

from typing import Any

import pytest

from angzarr_delivery import FailedError, PauseError, _subscription
from angzarr_store import LetterKind, LetterState, Reaction, ReactionState, SaveReaction

POISON = bytes([1]) * 16


class Shop:
    """Logic that fails for chosen events of root 1 until it is mended."""

    def __init__(self, *broken: int) -> None:
        self.broken = set(broken)
        self.applied: list[int] = []

    async def __call__(self, event: Any, _: Any) -> None:
        """Apply an event, or fail."""
        if event.key.root == POISON and event.sequence in self.broken:
            raise FailedError(b"status", "BROKEN")
        if event.key.root == POISON:
            self.applied.append(event.sequence)


async def park(world: Any, shop: Shop, events: int = 4) -> None:
    """Record events of root 1; the subscriber parks what it must."""
    world.handler.act = shop
    world.start(attempts=2)
    await world.record(1, count=events)
    await world.until_checkpoint(events)


async def test_a_mended_root_goes_on_in_order(world: Any) -> None:
    """The failed event, then those behind it; new events of the root come after them."""
    shop = Shop(1)
    await park(world, shop)
    shop.broken.clear()

    await world.replay(2)
    await world.record(1)
    await world.until_checkpoint(5)

    assert shop.applied == [0, 1, 2, 3, 4]
    assert await world.states(2, 3, 4) == ["replayed"] * 3


async def test_the_first_failure_of_a_replay_ends_it(world: Any) -> None:
    """One attempt more is counted, once; what waits behind it stays untried."""
    shop = Shop(1)
    await park(world, shop)

    await world.replay(2)

    letters = [await world.filed(f"saga:order:{it}") for it in (2, 3)]
    assert [(it.state, it.attempts) for it in letters] == [("parked", 3), ("parked", 0)]
    assert shop.applied == [0]


async def test_a_replay_stops_at_the_next_poison(world: Any) -> None:
    """What comes before it is replayed, it holds the root from then on."""
    shop = Shop(1, 3)
    await park(world, shop, events=5)
    shop.broken.remove(1)

    await world.replay(2)

    assert await world.states(2, 3, 4, 5) == ["replayed", "replayed", "parked", "parked"]
    assert shop.applied == [0, 1, 2]


async def test_a_discarded_event_lets_its_root_go_on(world: Any) -> None:
    """What waited behind it is tried; it stays on record with its note."""
    shop = Shop(1)
    await park(world, shop)

    await world.discard(2)
    await world.record(1)
    await world.until_checkpoint(5)

    assert shop.applied == [0, 2, 3, 4]
    assert await world.states(2, 3, 4) == ["discarded", "replayed", "replayed"]
    assert (await world.filed("saga:order:2")).note == "lost"


async def test_events_behind_the_discarded_one_may_wait_too(world: Any) -> None:
    """A letter that waits can be given up before the one that holds it."""
    shop = Shop(1)
    await park(world, shop)

    await world.discard(3)
    assert shop.applied == [0]
    shop.broken.clear()
    await world.replay(2)

    assert shop.applied == [0, 1, 3]
    assert await world.states(2, 3, 4) == ["replayed", "discarded", "replayed"]


async def test_a_request_is_found_after_a_restart(world: Any) -> None:
    """What an operator asked for before a crash is done without being asked again."""
    shop = Shop(1)
    await park(world, shop)
    await world.crash()
    shop.broken.clear()
    await world.store.ledger.request_replay(["saga:order:2"])

    world.start()
    await world.until(lambda: len(shop.applied) == 4)

    assert shop.applied == [0, 1, 2, 3]


async def test_a_discard_is_found_after_a_restart(world: Any) -> None:
    """The root goes on although nobody told the subscriber."""
    shop = Shop(1)
    await park(world, shop)
    await world.crash()
    await world.store.ledger.discard_letter("saga:order:2", "lost")

    world.start()
    await world.until(lambda: len(shop.applied) == 3)

    assert shop.applied == [0, 2, 3]


@pytest.mark.parametrize("discards", [True, False])
async def test_a_decision_that_nobody_was_told_of_is_found(
    world: Any, monkeypatch: pytest.MonkeyPatch, *, discards: bool
) -> None:
    """Whoever decided was cut off before the subscription heard of it."""
    monkeypatch.setattr(_subscription, "REMEMBER_SECONDS", 0.01)
    shop = Shop(1)
    await park(world, shop)
    shop.broken.clear()

    ledger = world.store.ledger
    if discards:
        await ledger.discard_letter("saga:order:2", "lost")
    else:
        await ledger.request_replay(["saga:order:2"])

    expected = [0, 2, 3] if discards else [0, 1, 2, 3]
    await world.until(lambda: len(shop.applied) == len(expected))

    assert shop.applied == expected


@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_a_crash_in_mid_replay_loses_and_repeats_nothing(world: Any, nth: int) -> None:
    """The next owner goes on with the letter that was not completed, in order."""
    shop = Shop(1)
    await park(world, shop)
    shop.broken.clear()
    world.point.arm("Q13", nth)
    await world.store.ledger.request_replay(["saga:order:2"])
    asked = world.system.tasks.start(
        "operator", world.subscription.resume((await world.filed("saga:order:2")).key)
    )
    await world.until(lambda: world.died)
    asked.cancel()
    repeated = shop.applied[-1]

    world.start()
    await world.until(lambda: len(world.ledger.saved(LetterState.REPLAYED)) == 3)

    assert shop.applied == [0, *range(1, repeated + 1), *range(repeated, 4)]
    assert await world.states(2, 3, 4) == ["replayed"] * 3


@pytest.mark.parametrize("nth", [1, 2])
async def test_an_event_is_parked_as_a_whole(world: Any, nth: int) -> None:
    """Letter and completion are one: after a crash beside it the letter tells the real failure."""
    world.handler.act = Shop(0)
    world.point.arm("Q9", nth)
    world.start(attempts=2)
    await world.record(1)
    await world.until(lambda: world.died)
    world.start(attempts=2)
    await world.until_checkpoint(1)

    letter = await world.filed("saga:order:1")
    assert (letter.state, letter.reason, letter.attempts) == ("parked", "BROKEN", 2)


async def test_silent_logic_holds_a_replay(world: Any) -> None:
    """It costs no attempt; the replay goes on when the logic answers again."""
    shop, silent = Shop(1), [True] * 20
    await park(world, shop)
    shop.broken.clear()

    async def absent(event: Any, commit: Any) -> None:
        if silent:
            silent.pop()
            raise PauseError("no logic")
        await shop(event, commit)

    world.handler.act = absent
    await world.replay(2)

    assert shop.applied == [0, 1, 2, 3]


async def test_a_command_is_tried_again_as_it_was_recorded(world: Any) -> None:
    """The handler gets the recorded reactions; the letter shows the command and keeps the event."""
    owed = Reaction(position=1, index=0, command_id="c-1", command=b"")
    broken, seen = [True], []

    async def send(event: Any, commit: Any) -> None:
        seen.append((event.attempt, event.is_last_attempt, event.reactions))
        if not event.reactions:
            await commit([SaveReaction(reaction=owed)])
        if broken:
            parked = Reaction(position=1, index=0, command_id="c-1", command=b"", state="parked")
            failure = FailedError(
                b"",
                "DOWN",
                final=True,
                kind=LetterKind.COMMAND,
                changes=[SaveReaction(reaction=parked)],
            )
            raise failure
        done = Reaction(position=1, index=0, command_id="c-1", command=b"", state="accepted")
        await commit([SaveReaction(reaction=done)])

    world.handler.act = send
    world.start()
    await world.record(1)
    await world.until_checkpoint(1)
    letter = await world.filed("saga:order:1")
    broken.clear()
    await world.replay(1)

    assert (letter.kind, letter.payload) == (LetterKind.COMMAND, b"")
    assert letter.event
    assert [(attempt, last) for attempt, last, _ in seen] == [(1, False), (2, True)]
    assert [it.state for it in seen[1][2]] == [ReactionState.PARKED]
    lease = await world.store.ledger.acquire("saga", "order")
    assert await world.store.ledger.reactions(lease, 1) == ()
    assert (await world.filed("saga:order:1")).state is LetterState.REPLAYED


async def test_what_is_due_is_part_of_the_replay(world: Any) -> None:
    """A letter whose compensation fails again is parked again, not replayed."""
    due = Reaction(position=1, index=1, command_id="c-1", command=b"", state=ReactionState.DUE)
    calls = []

    async def compensate(event: Any, commit: Any) -> None:
        calls.append(event.is_done)
        if len(calls) == 1:
            raise FailedError(b"", "FIRST", final=True, kind=LetterKind.COMPENSATION)
        if not event.is_done:
            await commit([SaveReaction(reaction=due)])
            return
        raise FailedError(b"", "SECOND", kind=LetterKind.COMPENSATION)

    world.handler.act = compensate
    world.start()
    await world.record(1)
    await world.until_checkpoint(1)
    await world.replay(1)

    letter = await world.filed("saga:order:1")
    assert calls == [False, False, True]
    assert (letter.state, letter.reason, letter.attempts) == ("parked", "SECOND", 2)
