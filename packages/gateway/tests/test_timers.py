"""The timers of all process managers behind the gateway."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typing_extensions import override

from angzarr.timer_pb2 import (
    CancelTimerRequest,
    CancelTimerResponse,
    ListTimersRequest,
    ListTimersResponse,
    Timer,
)
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_gateway._timers import Timers
from angzarr_gateway._upstream import Upstream
from angzarr_ports import NoFaults, SystemClock, real_system
from angzarr_replicas import Replicas
from angzarr_service import Call, Channels, RequestError


class Owner(grpc.GenericRpcHandler):
    """A foreign process manager's coordinator with timers, some of them due at once."""

    def __init__(self, name: str, deadlines: list[int]) -> None:
        self._name = name
        self._timers = [self._timer(it, at) for at, it in enumerate(deadlines)]
        self.cancelled: list[CancelTimerRequest] = []

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        methods: dict[str, tuple[Any, Any]] = {
            "List": (ListTimersRequest, self._list),
            "Cancel": (CancelTimerRequest, self._cancel),
        }
        request, answer = methods[handler_call_details.method.rpartition("/")[2]]
        return grpc.unary_unary_rpc_method_handler(
            answer, request.FromString, lambda reply: reply.SerializeToString()
        )

    def _timer(self, seconds: int, at: int) -> Timer:
        timer = Timer(component=self._name, timer_type=f"t{at}")
        timer.cover.address(self._name, bytes(16))
        timer.deadline.seconds = seconds
        return timer

    async def _list(self, request: ListTimersRequest, _: Any) -> ListTimersResponse:
        after = request.after(self._name)
        behind = [it for it in self._timers if _place(it) > after]
        shown = behind[: request.limit]
        token = shown[-1].page_token if len(behind) > len(shown) else ""
        return ListTimersResponse(timers=shown, next_page_token=token)

    async def _cancel(self, request: CancelTimerRequest, _: Any) -> CancelTimerResponse:
        self.cancelled.append(request)
        return CancelTimerResponse(cancelled=True)


def soon() -> Call:
    """Return a call whose caller waits a while."""
    return Call(deadline=SystemClock().monotonic() + 20, idempotency_key="")


def _place(timer: Timer) -> tuple[str, str, bytes, str]:
    deadline, _, edition, root, timer_type = timer.order
    return deadline, edition, bytes.fromhex(root), timer_type


@pytest.fixture
async def owners(tmp_path: Path) -> AsyncIterator[dict[str, Owner]]:
    """Serve two process managers."""
    made = {"a": Owner("a", [1, 2, 2, 5]), "b": Owner("b", [2, 2, 3])}
    server = {}
    for name, owner in made.items():
        server[name] = grpc.aio.server()
        server[name].add_generic_rpc_handlers((owner,))
        server[name].add_insecure_port(f"unix:{tmp_path / name}.sock")
        await server[name].start()
    yield made
    for it in server.values():
        await it.stop(None)


@pytest.fixture
async def timers(tmp_path: Path, owners: dict[str, Owner]) -> AsyncIterator[Timers]:
    """Return the gateway's view of both."""
    system = real_system(lambda _name, _error: None)
    known = [
        Component(name=it, kind="process_manager", domain=it, addresses=(_at(tmp_path, it),))
        for it in owners
    ]
    known.append(Component(name="order", kind="aggregate", domain="order", addresses=("unix:x",)))
    discovery = await StaticDiscovery.open(tuple(known), system)
    channels = Channels()
    yield Timers(
        Upstream(replicas=Replicas(discovery, channels, SystemClock()), faults=NoFaults()),
        SystemClock(),
    )
    await channels.aclose()
    await system.tasks.aclose()


def _at(directory: Path, name: str) -> str:
    return f"unix:{directory / name}.sock"


@pytest.mark.parametrize("size", [1, 2, 3, 50])
async def test_timers_are_one_list_by_deadline(timers: Timers, size: int) -> None:
    """Page by page nothing is left out or comes twice, whatever is due at the same time."""
    found: list[tuple[int, str, str]] = []
    token, pages = "", 0
    while token or not pages:
        request = ListTimersRequest(page_size=size, page_token=token)
        reply = await timers.List(request, soon())
        found += [(it.deadline.seconds, it.component, it.timer_type) for it in reply.timers]
        token, pages = reply.next_page_token, pages + 1

    assert found == sorted(found)
    assert [(it[0], it[1]) for it in found] == [
        (1, "a"),
        (2, "a"),
        (2, "a"),
        (2, "b"),
        (2, "b"),
        (3, "b"),
        (5, "a"),
    ]


async def test_a_cancellation_goes_to_the_owner(timers: Timers, owners: dict[str, Owner]) -> None:
    """Its component must be named where there are several."""
    request = CancelTimerRequest(timer_type="pay", component="b")
    request.cover.correlation_id = "flow"

    assert (await timers.Cancel(request, soon())).cancelled

    assert owners["b"].cancelled == [request]
    request.component = ""
    with pytest.raises(RequestError, match="2 components keep timers; name one"):
        await timers.Cancel(request, soon())


async def test_what_is_asked_is_checked(timers: Timers) -> None:
    """A component that keeps no timers, and a cancellation of nothing."""
    with pytest.raises(RequestError, match="No component: order"):
        await timers.List(ListTimersRequest(component="order"), soon())
    with pytest.raises(RequestError, match="CancelTimerRequest must have"):
        await timers.Cancel(CancelTimerRequest(), soon())
