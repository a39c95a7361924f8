"""A read model is built anew beside the one in use, compared with it, and put in its place."""

from collections.abc import AsyncIterator

import grpc
import pytest

from .rebuilding import NONE, REBUILDING, Rebuilding
from .world import PROJECTOR, World


@pytest.fixture(params=["memory", "sqlite"])
async def rebuilding(
    empty_world: World, request: pytest.FixtureRequest
) -> AsyncIterator[Rebuilding]:
    """Let orders flow, on each store."""
    empty_world.durable = request.param == "sqlite"
    async with Rebuilding(empty_world) as made:
        yield made


async def test_a_rebuild_takes_the_place_of_the_live_version(rebuilding: Rebuilding) -> None:
    """While orders flow: equal, switched, nothing seen was unseen, no effect twice or never."""
    begun = await rebuilding.begin()
    await rebuilding.near()
    compared = await rebuilding.compare()
    switched = await rebuilding.ask("Switch")
    await rebuilding.settled()

    assert (begun.state, begun.subscriber) == (REBUILDING, f"{PROJECTOR}~1")
    assert (compared.equal, compared.different + compared.behind) == (3, 0)
    assert switched.state == NONE
    assert (rebuilding.model.begun, rebuilding.model.switched) == (1, 1)
    assert sorted(rebuilding.model.effects) == rebuilding.once
    assert (rebuilding.older, rebuilding.model.gaps) == ([], [])


@pytest.mark.parametrize("death", range(1, 6))
async def test_a_death_behind_any_step_repeats_and_loses_nothing(
    rebuilding: Rebuilding, death: int
) -> None:
    """The next coordinator goes on from what was recorded last, whatever that is."""
    rebuilding.world.ledger.deaths = [death]

    await rebuilding.again("Begin")
    await rebuilding.again("Switch")
    await rebuilding.world.until(lambda: rebuilding.world.ledger.deaths[0] <= 0)
    await rebuilding.settled()

    assert sorted(rebuilding.model.effects) == rebuilding.once
    assert (rebuilding.older, rebuilding.model.gaps) == ([], [])
    assert rebuilding.model.begun == 1


async def test_a_death_at_every_step_repeats_and_loses_nothing(rebuilding: Rebuilding) -> None:
    """One coordinator after the other dies, each one step further."""
    rebuilding.world.ledger.deaths = [1, 2, 3, 4, 5]

    await rebuilding.again("Begin")
    await rebuilding.again("Switch")
    await rebuilding.world.until(lambda: rebuilding.world.ledger.deaths[-1] <= 0)
    await rebuilding.settled()

    assert sorted(rebuilding.model.effects) == rebuilding.once
    assert (rebuilding.older, rebuilding.model.gaps) == ([], [])


async def test_a_switch_of_logic_that_was_not_recorded_comes_again(rebuilding: Rebuilding) -> None:
    """Nothing stands beside then, so it changes nothing."""
    rebuilding.model.switch_failures = [grpc.StatusCode.UNAVAILABLE] * 2
    rebuilding.world.ledger.deaths = [4]

    await rebuilding.again("Begin")
    await rebuilding.again("Switch")
    await rebuilding.settled()

    assert rebuilding.model.switched >= 3
    assert sorted(rebuilding.model.effects) == rebuilding.once
    assert (rebuilding.older, rebuilding.model.gaps) == ([], [])
