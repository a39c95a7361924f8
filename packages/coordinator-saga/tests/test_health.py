"""When a saga's coordinator is ready (contract.md §1.4)."""

import asyncio

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr.types_pb2 import EventPage
from angzarr_bus import BusUnavailableError
from angzarr_store import Batch, RootKey, StoreConfig
from angzarr_store_memory import MemoryStore

from .logic import Target
from .world import ROOT, World


async def start_but(world: World, missing: str) -> None:
    """Start everything but one part."""
    if missing != "source":
        await world.start_aggregate("order")
    if missing != "logic":
        await world.start_logic()
    await world.start_aggregate("inventory")
    await world.start_saga()
    if missing == "store":
        world.store.fault = "the disk is gone"


async def provide(world: World, missing: str) -> None:
    """Add the part that is missing."""
    match missing:
        case "source":
            await world.start_aggregate("order")
        case "logic":
            await world.start_logic()
        case _:
            world.store.fault = ""


@pytest.mark.parametrize("missing", ["source", "logic", "store"])
async def test_a_saga_is_ready_when_everything_is_there(empty_world: World, missing: str) -> None:
    """Store, feed and logic; what comes late is enough."""
    await start_but(empty_world, missing)
    await empty_world.until(empty_world.is_not_serving)

    await provide(empty_world, missing)
    await empty_world.until(empty_world.is_serving)
    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert len(await empty_world.stock()) == 1


@pytest.mark.parametrize("missing", ["source", "logic"])
async def test_a_saga_does_not_pretend_to_be_ready(empty_world: World, missing: str) -> None:
    """It never says SERVING as long as a part is missing."""
    await start_but(empty_world, missing)
    stub = health_pb2_grpc.HealthStub(empty_world.channel("saga"))
    watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=10, wait_for_ready=True)
    first = await watch.read()

    await provide(empty_world, missing)
    second = await watch.read()
    watch.cancel()

    assert first.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert second.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("lost", ["logic", "store"])
async def test_a_saga_that_loses_a_part_says_so(world: World, lost: str) -> None:
    """It becomes ready again with it."""
    if lost == "logic":
        await world.silence("saga-logic")
    else:
        world.store.fault = "the disk is gone"
    await world.until(world.is_not_serving)

    await provide(world, lost)

    await world.until(world.is_serving)


async def test_logic_that_says_that_it_is_not_ready_is_believed(world: World) -> None:
    """Its own health service is asked where it has one."""
    answers = [health_pb2.HealthCheckResponse.NOT_SERVING]

    async def check(_request: object, _context: object) -> health_pb2.HealthCheckResponse:
        return health_pb2.HealthCheckResponse(status=answers[-1])

    world.saga.methods["/grpc.health.v1.Health/Check"] = health_pb2.HealthCheckRequest, check
    await world.until(world.is_not_serving)
    answers.append(health_pb2.HealthCheckResponse.SERVING)

    await world.until(world.is_serving)


async def test_a_backlog_does_not_change_readiness(empty_world: World) -> None:
    """Lag is no reason to be restarted."""
    world, target = empty_world, Target()
    target.gate = asyncio.Event()
    await world.serve("inventory", target)
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga()
    for number in range(20):
        await world.order("x", root=bytes([number]) * 16)
    await world.until(lambda: len(target.got) == 20)

    assert await world.is_serving()
    target.gate.set()
    await world.until_done(20)


async def test_a_saga_works_without_the_bus(empty_world: World) -> None:
    """The feed brings everything, only later, and the saga is ready."""
    world = empty_world
    world.bus = DeadBus()
    await world.start()

    await world.order("two apples")
    await world.until_done(1)

    assert len(await world.stock()) == 1
    assert await world.is_serving()


class DeadBus:
    """A bus that takes everything and brings nothing."""

    def publish(self, frame: object) -> None:
        """Lose a frame."""

    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> None:
        """Refuse."""
        raise BusUnavailableError(domain, f"{subscriber} may not have {limit_frames} frames")


async def test_parked_events_do_not_change_readiness(world: World) -> None:
    """They wait for an operator; everybody else is served."""
    world.saga.failures = [grpc.StatusCode.INTERNAL] * 3

    await world.order("two apples")
    await world.until(lambda: world.ledger.parked)

    assert await world.is_serving()


async def test_a_stopped_saga_lets_its_work_end(empty_world: World) -> None:
    """Within the time to drain a command in flight gets its result, and it is stored."""
    world, target = empty_world, Target()
    target.gate = asyncio.Event()
    await world.serve("inventory", target)
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga("--shutdown.drain_seconds=5")
    await world.order("two apples")
    await world.until(lambda: target.got)

    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(world.stop("saga"))
        assert not stopping.done()
        target.gate.set()

    assert (world.ledger.states, world.ledger.checkpoint()) == (["accepted"], 1)


@pytest.mark.parametrize("events", [0, 3])
async def test_a_log_that_was_rewritten_halts_the_subscription(world: World, events: int) -> None:
    """Shorter than the checkpoint or different at it: nothing of it is shown, and it is told."""
    await world.order("one")
    await world.order("two", sequence=1)
    await world.until_done(2)
    await world.stop("order")

    await world.start_aggregate("order", await restored(world, events))
    await world.until(world.is_not_serving)

    assert world.saga.seen == ["one", "two"]
    assert world.ledger.checkpoint() == 2


async def restored(world: World, events: int) -> MemoryStore:
    """Return a store with another history than the one that was seen."""
    store = await MemoryStore.open(StoreConfig(url="", component="order"), world.system)
    log = await store.log("order")
    for number in range(events):
        page = EventPage(num=number, command_id=f"{number}")
        page.event.Pack(StringValue(value="another"))
        await log.append(
            Batch(
                command_id=page.command_id,
                key=RootKey(edition="angzarr", root=ROOT),
                type_url="another",
                base=number,
                correlation_id="",
                created_at="2026-01-01T00:00:00Z",
                pages=(page.SerializeToString(),),
            )
        )
    return store
