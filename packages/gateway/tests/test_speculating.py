"""What would happen is asked of the component that would do it (contract.md §4.10)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typing_extensions import override

from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerHandleResponse
from angzarr.speculative_pb2 import (
    SpeculatePmRequest,
    SpeculateProjectorRequest,
    SpeculateSagaRequest,
)
from angzarr.types_pb2 import EventBook, Projection, SagaExecuteRequest, SagaResponse
from angzarr_admission import Admission
from angzarr_discovery import Component, Interest
from angzarr_discovery_static import StaticDiscovery
from angzarr_gateway._speculations import Speculations
from angzarr_gateway._upstream import Upstream
from angzarr_ports import NoFaults, SystemClock, real_system
from angzarr_replicas import Replicas
from angzarr_service import Call, Channels

METHODS: dict[str, tuple[Any, Any]] = {
    "/angzarr.ProjectorCoordinator/HandleSpeculative": (EventBook, Projection(projector="p")),
    "/angzarr.SagaCoordinator/ExecuteSpeculative": (SagaExecuteRequest, SagaResponse()),
    "/angzarr.ProcessManagerCoordinator/HandleSpeculative": (
        ProcessManagerHandleRequest,
        ProcessManagerHandleResponse(),
    ),
}


class Everyone(grpc.GenericRpcHandler):
    """Every coordinator at one address; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        request, reply = METHODS[handler_call_details.method]

        async def answer(asked: Any, _: Any) -> Any:
            self.asked.append(asked)
            return reply

        return grpc.unary_unary_rpc_method_handler(
            answer, request.FromString, lambda it: it.SerializeToString()
        )


@pytest.fixture
def everyone() -> Everyone:
    """Return who answers for every component."""
    return Everyone()


@pytest.fixture
async def speculations(run_directory: Path, everyone: Everyone) -> AsyncIterator[Speculations]:
    """Return the gateway's view of one component of each kind."""
    system, address = real_system(lambda _name, _error: None), f"unix:{run_directory}/all.sock"
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((everyone,))
    server.add_insecure_port(address)
    await server.start()
    known = tuple(
        Component(
            name=kind,
            kind=kind,
            domain="",
            addresses=(address,),
            inputs=(Interest(domain="order"),),
        )
        for kind in ("projector", "saga", "process_manager")
    )
    discovery, channels = await StaticDiscovery.open(known, system), Channels()
    upstream = Upstream(replicas=Replicas(discovery, channels, SystemClock()), faults=NoFaults())
    yield Speculations(upstream, Admission(command_bytes=1, passed_on=False), SystemClock())
    await channels.aclose()
    await server.stop(None)
    await system.tasks.aclose()


def soon() -> Call:
    """Return a call whose caller waits a while."""
    return Call(deadline=SystemClock().monotonic() + 20, idempotency_key="")


def happened() -> EventBook:
    """Return two events of one root."""
    book = EventBook()
    book.cover.address("order", bytes(16))
    for number in (3, 4):
        book.pages.add(num=number)
    return book


@pytest.mark.parametrize("name", ["projector", "order"])
async def test_a_projector_is_asked_by_name_or_domain(
    speculations: Speculations, everyone: Everyone, name: str
) -> None:
    """The domain is enough where one projector reads it."""
    request = SpeculateProjectorRequest(projector_name=name, events=happened())

    found = await speculations.SpeculateProjector(request, soon())

    assert (found.projector, everyone.asked) == ("p", [happened()])


async def test_a_saga_is_shown_the_given_books_only(
    speculations: Speculations, everyone: Everyone
) -> None:
    """An empty list of destinations stays empty."""
    request = SpeculateSagaRequest(saga_name="saga", source=happened())

    assert await speculations.SpeculateSaga(request, soon()) == SagaResponse()
    assert everyone.asked == [SagaExecuteRequest(source=happened())]


async def test_a_process_manager_is_told_which_page_is_new(
    speculations: Speculations, everyone: Everyone
) -> None:
    """It is the last one of the trigger, as it would be if it happened."""
    request = SpeculatePmRequest(
        pm_name="process_manager", trigger=happened(), process_state=EventBook()
    )

    found = await speculations.SpeculateProcessManager(request, soon())

    (asked,) = everyone.asked
    assert found == ProcessManagerHandleResponse()
    assert (asked.trigger, asked.new_from) == (happened(), 4)
    assert asked.HasField("process_state")
