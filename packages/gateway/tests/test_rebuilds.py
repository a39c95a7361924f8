"""Rebuilds of read models behind the gateway."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typing_extensions import override

from angzarr.rebuild_pb2 import (
    BeginRebuildRequest,
    RebuildComparison,
    RebuildRequest,
    RebuildStatus,
)
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_gateway._rebuilds import Rebuilds
from angzarr_gateway._upstream import Upstream
from angzarr_ports import NoFaults, SystemClock, real_system
from angzarr_replicas import Replicas
from angzarr_service import Call, Channels, RequestError

KINDS = {"view": "projector", "silent": "projector", "saga": "saga"}


class Owner(grpc.GenericRpcHandler):
    """A projector's coordinator that repeats what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        name = handler_call_details.method.rpartition("/")[2]
        kind: Any = BeginRebuildRequest if name == "Begin" else RebuildRequest

        async def answer(request: Any, _: Any) -> RebuildStatus | RebuildComparison:
            self.asked.append(f"{name} {request.component}")
            if name == "Compare":
                return RebuildComparison(equal=7)
            return RebuildStatus(component=request.component)

        return grpc.unary_unary_rpc_method_handler(
            answer, kind.FromString, lambda reply: reply.SerializeToString()
        )


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Owner]:
    """Serve one projector."""
    made, server = Owner(), grpc.aio.server()
    server.add_generic_rpc_handlers((made,))
    server.add_insecure_port(f"unix:{tmp_path / 'view'}.sock")
    await server.start()
    yield made
    await server.stop(None)


@pytest.fixture
async def rebuilds(tmp_path: Path, owner: Owner) -> AsyncIterator[Rebuilds]:
    """Return the gateway's view of a projector that answers, one that is away, and a saga."""
    del owner
    system = real_system(lambda _name, _error: None)
    known = tuple(
        Component(name=it, kind=kind, domain="", addresses=(f"unix:{tmp_path / it}.sock",))
        for it, kind in KINDS.items()
    )
    channels, discovery = Channels(), await StaticDiscovery.open(known, system)
    upstream = Upstream(replicas=Replicas(discovery, channels, SystemClock()), faults=NoFaults())
    yield Rebuilds(upstream, SystemClock())
    await channels.aclose()
    await system.tasks.aclose()


def soon() -> Call:
    """Return a call whose caller waits a while."""
    return Call(deadline=SystemClock().monotonic() + 20, idempotency_key="")


async def test_a_request_goes_to_the_projector_that_it_names(
    rebuilds: Rebuilds, owner: Owner
) -> None:
    """Each of the five, and its answer comes back."""
    status = await rebuilds.Begin(BeginRebuildRequest(component="view"), soon())
    mine = RebuildRequest(component="view")
    for ask in (rebuilds.Get, rebuilds.Switch, rebuilds.Cancel):
        assert (await ask(mine, soon())).component == "view"
    compared = await rebuilds.Compare(mine, soon())

    verbs = ("Begin", "Get", "Switch", "Cancel", "Compare")
    assert (status.component, compared.equal) == ("view", 7)
    assert owner.asked == [f"{verb} view" for verb in verbs]


@pytest.mark.parametrize("name", ["saga", "nobody", ""])
async def test_another_component_has_no_read_model(rebuilds: Rebuilds, name: str) -> None:
    """Only a projector has one."""
    with pytest.raises(RequestError, match=f"No component: {name}") as caught:
        await rebuilds.Get(RebuildRequest(component=name), soon())

    assert caught.value.reason == "UNKNOWN_COMPONENT"


async def test_a_silent_projector_is_unavailable(rebuilds: Rebuilds) -> None:
    """Its name is in the answer."""
    with pytest.raises(RequestError, match="Component silent is unavailable") as caught:
        await rebuilds.Get(RebuildRequest(component="silent"), soon())

    assert caught.value.reason == "UPSTREAM_UNAVAILABLE"
