"""What is in the way of a rebuild or a switch ends nothing else."""

import asyncio

import grpc
import pytest

from angzarr.feed_pb2 import FeedBatch
from angzarr.rebuild_pb2 import RebuildRequest
from angzarr_coordinator_projector._beside import Beside
from angzarr_coordinator_projector._rebuild import Rebuild
from angzarr_coordinator_projector._until import Until
from angzarr_coordinator_projector._versions import CATCHING_UP, SWITCHING, Versions
from angzarr_ports import NoFaults
from angzarr_progress import Watch
from angzarr_service import Call, RequestError
from angzarr_store import FencedError, InvariantError, Lease, StoreUnavailableError

from .rebuilding import FAILED, NONE, REBUILDING, Rebuilding, refusal
from .world import PROJECTOR, World


async def test_what_is_being_switched_cannot_be_cancelled(rebuilding: Rebuilding) -> None:
    """Logic may have switched; a second Switch waits, and tells before its deadline how it is."""
    rebuilding.model.switch_failures = [grpc.StatusCode.UNAVAILABLE] * 1000
    await rebuilding.begin()
    await rebuilding.near()
    waiting = await rebuilding.ask("Switch", seconds=4)
    refused = await refusal(rebuilding.ask("Cancel"))
    compared = await refusal(rebuilding.compare())
    rebuilding.model.switch_failures.clear()
    await rebuilding.again("Switch")
    switched = await rebuilding.ask("Get")

    text = f"{PROJECTOR} is being switched; wait until it is done"
    assert (waiting.state, waiting.fault) == (SWITCHING, "not now")
    assert (refused, compared) == ((FAILED, text), (FAILED, text))
    assert switched.state == NONE


async def test_a_switch_that_stands_still_can_be_cancelled(rebuilding: Rebuilding) -> None:
    """The live version goes on where it ended."""
    world, model = rebuilding.world, rebuilding.model
    await rebuilding.begin()
    await rebuilding.near()
    await world.stop("order")
    await rebuilding.stuck()
    cancelled = await rebuilding.ask("Cancel")
    await world.silence("order-logic")
    await world.start_aggregate("order", world.aggregate_store)
    await rebuilding.order(3)
    await world.until(lambda: len(model.effects) == rebuilding.ordered)

    assert cancelled.state == NONE
    assert sorted(model.effects) == rebuilding.once
    assert model.switched == 0


async def test_an_event_that_parks_in_the_switch_ends_it(rebuilding: Rebuilding) -> None:
    """The live version goes on, and the answer says what is in the way."""
    world, model = rebuilding.world, rebuilding.model
    await rebuilding.begin()
    await rebuilding.near()
    model.refuses_rebuilt = {f"{rebuilding.ordered}"}
    world.projector.gates[f"{rebuilding.ordered}"] = gate = asyncio.Event()
    await rebuilding.order(1)
    asking = asyncio.ensure_future(refusal(rebuilding.ask("Switch")))
    await world.until(lambda: len(model.shown) == rebuilding.ordered)
    gate.set()
    refused = await asking
    status = await rebuilding.ask("Get")
    await rebuilding.order(1)
    await world.until(lambda: len(model.effects) == rebuilding.ordered)

    assert refused[0] is FAILED
    assert f"1 events of {PROJECTOR}~1 are parked" in refused[1]
    assert (status.state, status.parked, model.switched) == (REBUILDING, 1, 0)


async def test_the_version_beside_waits_for_the_live_one(rebuilding: Rebuilding) -> None:
    """It is shown nothing that the live one has not done, and neither is a switch made of it."""
    world, model, number = rebuilding.world, rebuilding.model, rebuilding.ordered
    gate = model.gates[f"{number}"] = asyncio.Event()
    await rebuilding.order(1)
    await rebuilding.begin()
    await rebuilding.near()
    await rebuilding.order(5)
    waiting = await rebuilding.stuck()
    held = sum(map(len, (model.beside or {}).values()))
    gate.set()
    switched = await rebuilding.ask("Switch")
    await world.until(lambda: len(model.effects) == rebuilding.ordered)

    assert (held, waiting.state, switched.state) == (number, CATCHING_UP, NONE)
    assert sorted(model.effects) == rebuilding.once


async def test_a_rebuild_begins_when_the_one_before_has_ended(empty_world: World) -> None:
    """A late event of that one would be taken for an event of this one."""
    empty_world.flags["--shutdown.drain_seconds"] = "5"
    async with Rebuilding(empty_world) as rebuilding:
        await rebuilding.settled()
        model = rebuilding.model
        gate = model.beside_gates["0"] = asyncio.Event()
        await rebuilding.begin()
        await rebuilding.world.until(lambda: sum(map(len, (model.beside or {}).values())) > 0)
        await rebuilding.ask("Cancel")
        again = asyncio.ensure_future(rebuilding.begin())
        for _ in range(20):
            await rebuilding.ask("Get")
        gate.set()
        status = await again

    assert status.state == REBUILDING
    assert model.log == ["begin", "late", "begin"]


async def test_roots_that_cannot_be_listed_are_no_omission(rebuilding: Rebuilding) -> None:
    """Without the domain's coordinator nobody knows what to compare."""
    await rebuilding.begin()
    await rebuilding.near()
    await rebuilding.world.stop("order")

    found = await refusal(rebuilding.compare())

    text = "Service for domain order is unavailable"
    assert found == (grpc.StatusCode.UNAVAILABLE, text)


async def test_before_the_inputs_are_known_nothing_is_rebuilt(empty_world: World) -> None:
    """The coordinator answers as soon as it listens."""
    versions = Versions(PROJECTOR, empty_world.ledger, NoFaults())
    watch = Watch(PROJECTOR, "projector", empty_world.ledger, empty_world.system.clock)
    rebuild = Rebuild(versions, watch, empty_world.system.clock)

    for ask in (rebuild.Get, rebuild.Switch, rebuild.Compare, rebuild.Cancel):
        with pytest.raises(RequestError) as caught:
            await ask(RebuildRequest(component=PROJECTOR), Call(deadline=0, idempotency_key=""))
        assert caught.value.reason == "NOT_READY"


async def test_a_log_that_cannot_be_right_ends_only_the_version_beside(
    rebuilding: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live version goes on; the operator is told, and cancels."""
    honest = Until.read

    async def holed(until: Until, after: int, chain: bytes, limit: int) -> FeedBatch:
        batch = await honest(until, after, chain, limit)
        batch.after_position += len(batch.books[:1])
        del batch.books[:1], batch.book_chains[:1]
        return batch

    monkeypatch.setattr(Until, "read", holed)
    await rebuilding.begin()
    await rebuilding.world.until(lambda: fault_of(rebuilding))
    await rebuilding.order(3)
    await rebuilding.world.until(lambda: len(rebuilding.model.effects) == rebuilding.ordered)

    assert "came after 0" in await fault_of(rebuilding)
    assert (await rebuilding.ask("Cancel")).state == NONE


async def test_a_log_that_cannot_be_right_ends_a_switch(
    rebuilding: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live version goes on as if nobody had asked."""
    world, model, number = rebuilding.world, rebuilding.model, rebuilding.ordered
    gate = model.gates[f"{number}"] = asyncio.Event()
    await rebuilding.begin()
    await rebuilding.near()
    await rebuilding.order(2)
    asking = asyncio.ensure_future(rebuilding.ask("Switch"))
    await world.until(lambda: state_of(rebuilding, CATCHING_UP))
    monkeypatch.setattr(Beside, "model", lambda _beside, _ends: Damaged())
    gate.set()
    status = await asking
    await rebuilding.order(1)
    await world.until(lambda: len(model.effects) == rebuilding.ordered)

    assert (status.state, model.switched) == (REBUILDING, 0)
    assert await fault_of(rebuilding) == "the log is damaged"


class Damaged:
    """A subscription whose log has a hole."""

    name = f"{PROJECTOR}~1"

    async def run(self, _stop: asyncio.Event) -> None:
        """End at once."""
        raise InvariantError("the log is damaged")


async def state_of(rebuilding: Rebuilding, state: int) -> bool:
    """Say whether the rebuild is in a state."""
    return (await rebuilding.ask("Get")).state == state


async def test_a_second_process_ends_the_first(rebuilding: Rebuilding) -> None:
    """Who cannot record what it does must not go on doing it."""
    world = rebuilding.world
    await world.stop("projector")
    running = asyncio.ensure_future(world.run_projector())
    await world.until(lambda: state_known(rebuilding))
    await world.ledger.acquire(f"{PROJECTOR}~versions", "_versions")

    code, _ = await refusal(rebuilding.begin())

    assert code is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(FencedError):
        await running


async def state_known(rebuilding: Rebuilding) -> bool:
    """Say whether the coordinator has read what is recorded."""
    try:
        return not (await rebuilding.ask("Get")).state
    except grpc.aio.AioRpcError:
        return False


async def test_a_store_that_is_away_is_tried_again(
    rebuilding: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version beside waits for it."""
    ledger, refusals = rebuilding.world.ledger, [StoreUnavailableError("away")]

    async def acquire(subscriber: str, domain: str) -> Lease:
        if subscriber == f"{PROJECTOR}~1" and refusals:
            raise refusals.pop()
        lease: Lease = await ledger.inner.acquire(subscriber, domain)
        return lease

    monkeypatch.setattr(ledger, "acquire", acquire, raising=False)
    await rebuilding.begin()
    await rebuilding.near()

    assert refusals == []


async def fault_of(rebuilding: Rebuilding) -> str:
    """Return what hinders the version beside."""
    return str((await rebuilding.ask("Get")).fault)
