"""What an operator is told about a rebuild, and what is refused."""

from typing import Any

import grpc
import pytest

from angzarr.dead_letter_pb2 import DiscardDeadLettersRequest, ListDeadLettersRequest
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr.progress_pb2 import ListProgressRequest
from angzarr.progress_pb2_grpc import ProgressStub
from angzarr.rebuild_pb2 import BeginRebuildRequest, RebuildRequest
from angzarr.rebuild_pb2_grpc import ProjectorRebuildStub
from angzarr_store import LetterQuery, LetterState, RootKey

from .rebuilding import FAILED, NONE, REBUILDING, ROOTS, Rebuilding, refusal
from .world import PROJECTOR, World

VERBS = ("Compare", "Switch", "Cancel")


async def test_a_rebuild_that_goes_on_is_joined(rebuilding: Rebuilding) -> None:
    """A second Begin empties nothing and begins nothing."""
    first = await rebuilding.begin()
    await rebuilding.near()
    again = await rebuilding.begin(from_position=7)

    assert (again.subscriber, again.started_at) == (first.subscriber, first.started_at)
    assert (again.state, again.from_position) == (REBUILDING, 0)
    assert again.done == again.total == rebuilding.ordered
    assert again.rate > 0
    assert rebuilding.model.begun == 1


@pytest.mark.parametrize("verb", VERBS)
async def test_without_a_rebuild_there_is_nothing_to_decide(
    rebuilding: Rebuilding, verb: str
) -> None:
    """Who asks is told so; to look is allowed."""
    text = f"{PROJECTOR} is not being rebuilt"

    assert await refusal(rebuilding.ask(verb)) == (FAILED, text)
    assert (await rebuilding.ask("Get")).state == NONE


@pytest.mark.parametrize("verb", ["Begin", "Get", *VERBS])
async def test_another_component_is_not_rebuilt_here(rebuilding: Rebuilding, verb: str) -> None:
    """A name that is not this one's is unknown."""
    stub = ProjectorRebuildStub(rebuilding.world.channel("projector"))
    kind: Any = BeginRebuildRequest if verb == "Begin" else RebuildRequest

    found = await refusal(getattr(stub, verb)(kind(component="nobody"), timeout=5))

    assert found == (grpc.StatusCode.NOT_FOUND, "No component: nobody")


async def test_logic_without_a_place_beside_is_not_rebuilt(rebuilding: Rebuilding) -> None:
    """Its events would be written where readers look; the answer names the fix."""
    rebuilding.model.methods.pop("ReadModel/Begin")

    code, text = await refusal(rebuilding.begin())

    assert (code, ".on_rebuild and .on_switch" in text) == (FAILED, True)
    assert (await rebuilding.ask("Get")).state == NONE


async def test_logic_that_can_speculate_is_rebuilt_without_a_place(empty_world: World) -> None:
    """It is told to have no effect, and nobody asks it to switch."""
    empty_world.flags["--component.speculative"] = "true"
    async with Rebuilding(empty_world) as rebuilding:
        rebuilding.model.methods.pop("ReadModel/Begin")
        rebuilding.model.methods.pop("ReadModel/Switch")
        await rebuilding.begin()
        await rebuilding.near()
        compared = await rebuilding.compare()
        await rebuilding.again("Switch")
        await rebuilding.settled()

    assert compared.equal == len(ROOTS)
    assert sorted(rebuilding.model.effects) == rebuilding.once


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INTERNAL"])
async def test_logic_that_fails_to_begin_begins_nothing(rebuilding: Rebuilding, code: str) -> None:
    """Its answer is the operator's."""

    async def fail(_request: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode[code], "The database is away")

    kind, _ = rebuilding.model.methods["ReadModel/Begin"]
    rebuilding.model.methods["ReadModel/Begin"] = kind, fail

    assert (await refusal(rebuilding.begin()))[0] is grpc.StatusCode[code]
    assert (await rebuilding.ask("Get")).state == NONE


async def test_a_cancelled_rebuild_leaves_nothing(rebuilding: Rebuilding) -> None:
    """Its rows go, the live version goes on, and the next one has another name."""
    world = rebuilding.world
    await rebuilding.begin()
    await rebuilding.near()
    cancelled = await rebuilding.ask("Cancel")
    second = await rebuilding.begin()
    await rebuilding.near()
    compared = await rebuilding.compare()

    lease = await world.ledger.acquire(f"{PROJECTOR}~1", "order")
    key = RootKey(edition="angzarr", root=ROOTS[0])
    assert (cancelled.state, second.subscriber) == (NONE, f"{PROJECTOR}~2")
    assert (lease.epoch, await world.ledger.projection(lease, key)) == (1, None)
    assert (compared.equal, rebuilding.model.begun) == (len(ROOTS), 2)


async def test_the_old_version_leaves_nothing(rebuilding: Rebuilding) -> None:
    """After the switch its rows go; progress is told by the component's name."""
    world = rebuilding.world
    await rebuilding.begin()
    await rebuilding.near()
    await rebuilding.ask("Switch")
    await rebuilding.begin()
    progress = ProgressStub(world.channel("projector"))
    listed = await progress.List(ListProgressRequest(component=PROJECTOR), timeout=5)

    lease = await world.ledger.acquire(PROJECTOR, "order")
    (entry,) = listed.entries
    assert (lease.epoch, lease.position) == (1, 0)
    assert (entry.component, entry.position) == (PROJECTOR, rebuilding.ordered)


async def test_what_differs_is_shown(rebuilding: Rebuilding) -> None:
    """Roots whose payload differs, and roots that the new version does not know."""
    model = rebuilding.model
    model.word = "new "
    await rebuilding.begin(from_position=rebuilding.ordered)
    await rebuilding.near()
    compared = await rebuilding.compare()

    assert (compared.different, compared.only_live) == (1, len(ROOTS) - 1)
    assert compared.equal + compared.behind + compared.only_rebuilt == 0
    shown = {it.cover.root.value: it for it in compared.differences}
    assert {it.HasField("rebuilt_sequence") for it in shown.values()} == {True, False}
    assert {it.cover.domain for it in shown.values()} == {"order"}


async def test_a_root_that_does_not_come_is_behind(rebuilding: Rebuilding) -> None:
    """It is waited for a while, then it is told."""
    model, world = rebuilding.model, rebuilding.world
    model.refuses_rebuilt = {f"{rebuilding.ordered - 1}"}
    await rebuilding.begin()
    await world.until(lambda: len(world.ledger.parked) == 1)
    compared = await rebuilding.compare()

    assert (compared.equal, compared.behind) == (len(ROOTS) - 1, 1)


async def test_roots_are_compared_some_at_a_time(
    rebuilding: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that one version knows are told, those that none knows are not counted."""
    model, world = rebuilding.model, rebuilding.world
    monkeypatch.setattr("angzarr_coordinator_projector._comparison.PAGE_ROOTS", 2)
    model.failing = {"bad", "worse"}.__contains__
    model.refuses_rebuilt = {"worse"}
    for number, text in enumerate(("bad", "worse")):
        await world.order(text, root=bytes([255 - number]) * 16)
    await world.until_done(rebuilding.ordered + 2)
    await rebuilding.begin()
    await rebuilding.near()
    compared = await rebuilding.compare()

    assert (compared.equal, compared.only_rebuilt) == (len(ROOTS), 1)
    assert len(compared.differences) == 1


async def test_a_version_that_lacks_an_event_takes_nobodys_place(rebuilding: Rebuilding) -> None:
    """Its letters have its name; once they are decided about it may be switched."""
    model, world = rebuilding.model, rebuilding.world
    model.refuses_rebuilt = {f"{rebuilding.ordered - 1}"}
    await rebuilding.begin()
    await world.until(lambda: len(world.ledger.parked) == 1)
    await rebuilding.near()
    refused = await refusal(rebuilding.ask("Switch"))
    stub = DeadLettersStub(world.channel("projector"))
    (letter,) = (await stub.List(ListDeadLettersRequest(), timeout=5)).letters
    status = await rebuilding.ask("Get")
    discard = DiscardDeadLettersRequest(ids=[letter.id], note="known")
    await stub.Discard(discard, timeout=5)
    switched = await rebuilding.ask("Switch")

    assert refused == (
        FAILED,
        f"1 events of {PROJECTOR}~1 are parked; replay or discard them first",
    )
    assert (letter.component, status.parked, switched.state) == (f"{PROJECTOR}~1", 1, NONE)


async def test_letters_of_the_live_version_have_the_components_name(
    rebuilding: Rebuilding,
) -> None:
    """Whatever version it is; asked for by that name they are found."""
    model, world = rebuilding.model, rebuilding.world
    await rebuilding.begin()
    await rebuilding.near()
    await rebuilding.ask("Switch")
    model.failing = lambda text: text == "bad"
    await world.order("bad", root=bytes(16))
    await world.until(lambda: len(world.ledger.saved(LetterState.PARKED)) == 1)
    stub = DeadLettersStub(world.channel("projector"))
    asked = ListDeadLettersRequest(component=PROJECTOR)
    (letter,) = (await stub.List(asked, timeout=5)).letters

    wanted = LetterQuery(states=frozenset({LetterState.PARKED}), subscriber=f"{PROJECTOR}~1")
    assert letter.component == PROJECTOR
    assert await world.ledger.count_letters(wanted) == 1


async def test_a_version_that_is_far_behind_takes_nobodys_place(
    rebuilding: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live one would stand still for as long as the other needs."""
    monkeypatch.setattr("angzarr_coordinator_projector._rebuild.NEAR_EVENTS", -1)
    await rebuilding.begin()
    await rebuilding.near()

    code, text = await refusal(rebuilding.ask("Switch"))

    assert (code, "wait until it is near" in text) == (FAILED, True)


async def test_a_projection_says_what_both_versions_say(rebuilding: Rebuilding) -> None:
    """What readers of the component's coordinator get does not change with the version."""
    world = rebuilding.world
    before = await world.projection(ROOTS[0])
    await rebuilding.begin()
    await rebuilding.near()
    await rebuilding.ask("Switch")
    await world.order("last", root=ROOTS[0], sequence=(rebuilding.ordered + 2) // 3)
    await world.until_done(rebuilding.ordered + 1)

    after = await world.projection(ROOTS[0])
    assert before is not None
    assert after == (before[0] + 1, f"{before[1]},last")
