"""The progress of all subscribers behind the gateway."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typing_extensions import override

from angzarr import rpc
from angzarr.progress_pb2 import (
    ComponentProgress,
    ListProgressRequest,
    ListProgressResponse,
    SetPausedRequest,
)
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_gateway._progress import Progress
from angzarr_gateway._upstream import Upstream
from angzarr_ports import NoFaults, SystemClock, real_system
from angzarr_replicas import Replicas
from angzarr_service import Call, Channels, RequestError

KINDS = {"saga-b": "saga", "projector-a": "projector", "foreign": "projector", "c": "saga"}


encoded = ListProgressResponse.SerializeToString


class Owner(grpc.GenericRpcHandler):
    """A coordinator that reads two domains; a foreign one tells no progress."""

    def __init__(self, name: str) -> None:
        self._name = name

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        if self._name == "foreign":
            return None
        if handler_call_details.method == rpc.Progress.SetPaused.path:
            return grpc.unary_unary_rpc_method_handler(
                self._set_paused,
                SetPausedRequest.FromString,
                ListProgressResponse.SerializeToString,
            )
        return grpc.unary_unary_rpc_method_handler(
            self._list, ListProgressRequest.FromString, ListProgressResponse.SerializeToString
        )

    async def _set_paused(self, request: SetPausedRequest, _: Any) -> ListProgressResponse:
        entry = ComponentProgress(component=self._name, domain="order", paused=request.paused)
        return ListProgressResponse(entries=[entry])

    async def _list(self, request: ListProgressRequest, _: Any) -> ListProgressResponse:
        domains = [it for it in ("stock", "order") if request.domain in {"", it}]
        entries = [ComponentProgress(component=self._name, domain=it) for it in domains]
        return ListProgressResponse(entries=entries)


async def serve(directory: Path, name: str) -> grpc.aio.Server:
    """Start one coordinator."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Owner(name),))
    server.add_insecure_port(f"unix:{directory / name}.sock")
    await server.start()
    return server


@pytest.fixture
async def progress(tmp_path: Path) -> AsyncIterator[Progress]:
    """Return the gateway's view of three that answer and one that is away."""
    system = real_system(lambda _name, _error: None)
    servers = [await serve(tmp_path, name) for name in ("saga-b", "projector-a", "foreign")]
    known = [
        Component(name=it, kind=kind, domain="", addresses=(f"unix:{tmp_path / it}.sock",))
        for it, kind in KINDS.items()
    ]
    known.append(Component(name="order", kind="aggregate", domain="order", addresses=("unix:x",)))
    discovery = await StaticDiscovery.open(tuple(known), system)
    channels = Channels()
    upstream = Upstream(replicas=Replicas(discovery, channels, SystemClock()), faults=NoFaults())
    yield Progress(upstream, SystemClock())
    await channels.aclose()
    for server in servers:
        await server.stop(None)
    await system.tasks.aclose()


def soon() -> Call:
    """Return a call whose caller waits a while."""
    return Call(deadline=SystemClock().monotonic() + 20, idempotency_key="")


async def listed(progress: Progress, **asked: str) -> list[tuple[str, str]]:
    """Return component and domain of each entry."""
    reply = await progress.List(ListProgressRequest(**asked), soon())
    return [(it.component, it.domain) for it in reply.entries]


async def test_one_component_may_be_asked_for(progress: Progress) -> None:
    """Its domains in order, or one of them; a foreign one tells nothing."""
    assert await listed(progress, component="saga-b") == [("saga-b", "order"), ("saga-b", "stock")]
    assert await listed(progress, component="saga-b", domain="stock") == [("saga-b", "stock")]
    assert await listed(progress, component="foreign") == []


async def test_all_are_one_list(progress: Progress, tmp_path: Path) -> None:
    """By component; one that cannot be reached fails the request, it is never left out."""
    with pytest.raises(RequestError, match="Component c is unavailable") as caught:
        await listed(progress)
    server = await serve(tmp_path, "c")
    async with asyncio.timeout(10):
        while (found := await whatever(progress)) is None:
            await SystemClock().sleep(0.05)
    await server.stop(None)

    assert caught.value.reason == "UPSTREAM_UNAVAILABLE"
    assert found == [("c", "order"), ("projector-a", "order"), ("saga-b", "order")]


async def whatever(progress: Progress) -> list[tuple[str, str]] | None:
    """Return the list of one domain, None while somebody is away."""
    try:
        return await listed(progress, domain="order")
    except RequestError:
        return None


async def test_who_reads_nothing_has_no_progress(progress: Progress) -> None:
    """An aggregate is no subscriber."""
    with pytest.raises(RequestError, match="No component: order"):
        await listed(progress, component="order")


async def test_one_component_is_paused(progress: Progress) -> None:
    """It is asked itself; nobody else is."""
    found = await progress.SetPaused(SetPausedRequest(component="saga-b", paused=True), soon())

    assert [(it.component, it.paused) for it in found.entries] == [("saga-b", True)]


async def test_who_reads_nothing_is_not_paused(progress: Progress) -> None:
    """An aggregate, or nobody."""
    for name in ("order", "nobody"):
        with pytest.raises(RequestError, match=f"No component: {name}"):
            await progress.SetPaused(SetPausedRequest(component=name), soon())


async def test_a_silent_component_is_not_paused(progress: Progress) -> None:
    """Whoever wants it hears that it is away."""
    with pytest.raises(RequestError, match="Component c is unavailable") as caught:
        await progress.SetPaused(SetPausedRequest(component="c", paused=True), soon())

    assert caught.value.reason == "UPSTREAM_UNAVAILABLE"
