"""What a subscription tells of itself."""

from dataclasses import replace
from typing import Any

from angzarr_delivery import FailedError
from angzarr_ports import Metric, MetricKind, System, SystemClock, real_system
from angzarr_store import Reaction, ReactionState, RootKey, SaveReaction
from angzarr_telemetry import STALL_SECONDS, Tally, Vitals

DURATION = Metric(
    name="angzarr_test_duration_seconds",
    help="How long an attempt took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)


def value(world: Any, name: str, *more: str) -> Any:
    """Return a number of the subscriber."""
    found = {it.metric.name: it.series for it in world.system.metrics.collect()}
    return found.get(f"angzarr_{name}", {}).get(("saga", "order", *more), 0)


async def test_a_subscriber_tells_how_far_it_is(world: Any) -> None:
    """Position, lag and the attempts of every outcome."""
    world.start()
    await world.record(1, 2)
    await world.until_checkpoint(2)

    await world.until(lambda: value(world, "subscriber_position") == 2)

    assert value(world, "lag_events") == value(world, "lag_seconds") == 0
    assert sum(value(world, "test_duration_seconds", "applied").counts) == 2


async def test_a_subscription_may_tell_of_itself_by_another_name(world: Any) -> None:
    """That of the component which it is a version of."""
    world.start(component="saga", name="saga~1")
    await world.record(1)
    await world.until_checkpoint(1)

    await world.until(lambda: value(world, "subscriber_position") == 1)


async def test_without_a_bus_it_polls(world: Any) -> None:
    """A source may have none."""
    bus, world.bus = world.bus, None
    world.start()
    world.bus = bus
    await world.record(1)
    await world.until_checkpoint(1)


async def test_what_is_parked_is_told(world: Any) -> None:
    """Events, roots and the age of the oldest; the attempts before it."""

    async def fail(_event: Any, _commit: Any) -> None:
        raise FailedError(b"", "OUTCOME_UNKNOWN")

    world.handler.act = fail
    world.start(attempts=2)
    await world.record(1)
    await world.record(1)
    await world.until(lambda: value(world, "parked_events") == 2)

    assert value(world, "parked_roots") == 1
    assert value(world, "parked_age_seconds") > 0
    assert sum(value(world, "test_duration_seconds", "retried").counts) == 1
    assert sum(value(world, "test_duration_seconds", "parked").counts) == 1


async def test_what_is_tried_again_is_told(world: Any) -> None:
    """Attempts, outcomes that are unknown, and the age of a command that is owed."""
    reaction = Reaction(position=1, index=0, command_id="c-1", command=b"bytes")
    free: list[bool] = []

    async def owe(event: Any, commit: Any) -> list[SaveReaction]:
        if not event.reactions:
            await commit([SaveReaction(reaction=reaction)])
        if not free:
            raise FailedError(b"", "OUTCOME_UNKNOWN")
        return [SaveReaction(reaction=replace(reaction, state=ReactionState.ACCEPTED))]

    world.handler.act = owe
    world.start(attempts=99)
    await world.record(1)
    await world.until(lambda: value(world, "attempts") and value(world, "unknown_outcomes"))
    await world.until(lambda: value(world, "reactions_pending_age_seconds") > 0)
    free.append(True)

    await world.until(lambda: value(world, "reactions_pending_age_seconds") == 0)
    assert value(world, "unknown_outcomes") == value(world, "attempts") == 0


async def test_why_the_log_was_read_is_told(world: Any) -> None:
    """At the start, and again and again; a frame that comes twice is dropped."""
    await world.listen()
    await world.record(1)
    await world.until_checkpoint(1)
    (event,) = await world.log.read_root(
        RootKey(edition="angzarr", root=bytes([1]) * 16), limit_bytes=None
    )
    repeat, _ = await world.log.recall(event.command_id, event.key)
    world.publish(repeat, event.key)

    await world.until(lambda: value(world, "frames_dropped_total", "repeat"))
    await world.until(lambda: value(world, "feed_backfills_total", "poll"))
    assert value(world, "feed_backfills_total", "start") == 1


class Still(SystemClock):
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        """Return where it stands."""
        return self.at


class Place:
    """A checkpoint that stands."""

    stored = 3
    oldest = 0.0


def test_a_checkpoint_that_stands_behind_the_head_has_stalled() -> None:
    """After half a minute, not before, and not at the head."""
    clock = Still()
    system: System = replace(real_system(print), clock=clock)
    vitals = Vitals("saga", "order", DURATION, system)
    tally = Tally(
        parked_roots=0, parked_events=0, parked_since=0, attempts=0, unknown=0, owed_since=None
    )

    def stalled() -> float:
        vitals.look(Place(), tally)
        found = {it.metric.name: it.series for it in system.metrics.collect()}
        value = found["angzarr_stalled"]["saga", "order"]
        assert isinstance(value, float)
        return value

    vitals.heard(3)
    clock.at = 10 * STALL_SECONDS
    at_head = stalled()
    vitals.heard(4)
    soon = stalled()
    clock.at += STALL_SECONDS

    assert (at_head, soon, stalled()) == (0, 0, 1)
