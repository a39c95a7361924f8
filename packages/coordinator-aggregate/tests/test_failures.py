"""The built-in aggregate of failed compensations, and alerts of a revocation."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr import FAILURE_DOMAIN
from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.types_pb2 import CommandBook, Cover, Query, SagaCompensationFailed
from angzarr_bus_channel import ChannelBus
from angzarr_coordinator_aggregate import serve
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import real_system
from angzarr_service import Ports
from angzarr_settings import load
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

ROOT = bytes(range(16))
URL = "elsewhere/angzarr.SagaCompensationFailed"


@pytest.fixture
async def records(run_directory: Path) -> AsyncIterator[Any]:
    """Start the coordinator of the records; there is no logic anywhere."""
    address = f"unix:{run_directory / 'records.sock'}"
    names = [f"--component.{key}={FAILURE_DOMAIN}" for key in ("name", "domain")]
    settings = load([f"--listen={address}", *names, "--shutdown.drain_seconds=0.1"], {})
    system = real_system(lambda _name, error: pytest.fail(str(error)))
    store = await MemoryStore.open(StoreConfig(url="", component=FAILURE_DOMAIN), system)
    discovery, stop = await StaticDiscovery.open((), system), asyncio.Event()
    ports = Ports(system=system, store=store, bus=ChannelBus(system), discovery=discovery)
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ports, stop))
        channel = grpc.aio.insecure_channel(address)
        async with asyncio.timeout(10):
            await channel.channel_ready()
        yield channel
        await channel.close()
        stop.set()


def record(id_: str = "f-1", payload: bytes = b"") -> CommandBook:
    """Return a command that records a failure."""
    failed = SagaCompensationFailed(saga_name="saga-a", rejection_reason="no stock")
    book = CommandBook.to(FAILURE_DOMAIN, ROOT, failed)
    book.pages[0].command.type_url = URL
    book.pages[0].command.value += payload
    book.command_id = id_
    book.saga_origin.saga_name = "saga-a"
    return book


async def test_a_record_is_stored_unchanged(records: Any) -> None:
    """Type URL and bytes, also of fields that nobody knows, are event 0 of the root."""
    unknown = b"\xf8\x07\x01"
    sent = record(payload=unknown)

    response = await AggregateCoordinatorStub(records).Handle(sent, timeout=5)
    again = await AggregateCoordinatorStub(records).Handle(sent, timeout=5)

    query = Query(cover=Cover().address(FAILURE_DOMAIN, ROOT))
    (page,) = (await EventQueryStub(records).GetEventBook(query, timeout=5)).pages
    assert (page.num, page.event) == (0, sent.pages[0].command)
    assert again == response


def of_another_type() -> CommandBook:
    """Return a command that is no record."""
    book = record()
    book.pages[0].command.Pack(StringValue(value="x"))
    return book


TAKES = "angzarr.saga-failures takes angzarr.SagaCompensationFailed only"


@pytest.mark.parametrize(
    ("book", "text"),
    [
        (of_another_type(), f"{TAKES}, not google.protobuf.StringValue"),
        (record(payload=b"\xff"), "Malformed command: angzarr.SagaCompensationFailed"),
    ],
    ids=["type", "bytes"],
)
async def test_nothing_else_is_taken(records: Any, book: CommandBook, text: str) -> None:
    """The domain holds what sagas could not take back, and nothing that cannot be read."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await AggregateCoordinatorStub(records).Handle(book, timeout=5)

    assert (caught.value.code().name, caught.value.details()) == ("INVALID_ARGUMENT", text)


async def test_a_root_has_one_record(records: Any) -> None:
    """A second one under another id is refused."""
    stub = AggregateCoordinatorStub(records)
    await stub.Handle(record(), timeout=5)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Handle(record("f-2"), timeout=5)

    assert caught.value.details() == "The failure is already recorded"


async def test_records_are_ready_without_logic(records: Any) -> None:
    """No author's process is asked how it is."""
    watch = health_pb2_grpc.HealthStub(records).Watch(health_pb2.HealthCheckRequest(), timeout=10)

    answer = await watch.read()
    while answer.status != health_pb2.HealthCheckResponse.SERVING:
        answer = await watch.read()
    watch.cancel()

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_a_revocation_that_escalates_tells_people(
    world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """One alert with the reason, before the answer; a repeat is no second one."""
    book = CommandBook.to("order", ROOT, StringValue(value="escalate"))
    book.command_id = "c-1"

    with caplog.at_level(logging.ERROR, logger="angzarr.alerts"):
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError, match="Command revoked: gone"):
                await world.commands.Handle(book)

    alerts = [it for it in caplog.records if it.name == "angzarr.alerts"]
    assert [it.message for it in alerts] == ["command.escalated"]
    assert alerts[0].__dict__["reason"] == "gone"
