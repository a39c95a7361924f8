"""What `up` needs, and how a running application is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from angzarr_defence import is_ours
from angzarr_doctor import Level, examine, overview
from angzarr_ports import System
from angzarr_settings import GatewaySettings, MemberSettings, ProjectSettings, StoreSettings
from angzarr_standalone import ComponentStatus, ProcessStatus, State, Status
from angzarr_telemetry import Monitored, Monitoring


class Running(Monitored):
    """What a supervisor shows."""

    def __init__(self) -> None:
        self.fault = ""
        self.text = ""
        self.commands = 0

    @override
    async def checks(self) -> Mapping[str, str]:
        return {"coordinator-order": self.fault}

    @override
    async def metrics(self) -> str:
        self.commands += 100
        work = f'angzarr_command_total{{component="order",outcome="accepted"}} {self.commands}\n'
        return work + self.text


@pytest.fixture
def running() -> Running:
    """Return a sound application."""
    return Running()


@pytest.fixture
async def status(running: Running) -> AsyncIterator[Status]:
    """Return the status of an application whose monitoring listens."""
    order = ComponentStatus(name="order", kind="aggregate", domain="order", inputs=(), outputs=())
    processes = (process("order", "logic", 0), process("order", "coordinator", 2))
    async with Monitoring(running, is_ours).serving("127.0.0.1:0") as address:
        yield Status(
            project="shop",
            pid=1,
            gateway="",
            monitoring=address,
            topology="",
            store="",
            logs="",
            processes=(*processes, process("gateway", "gateway", 0)),
            components=(order,),
        )


def process(component: str, role: str, restarts: int) -> ProcessStatus:
    """Return a process; one that was restarted is in its backoff."""
    state = State.BACKOFF if restarts else State.RUNNING
    name = f"{role}-{component}"
    return ProcessStatus(
        name=name, role=role, component=component, state=state, pid=1, restarts=restarts
    )


async def found(
    project: ProjectSettings, system: System, status: Status | None = None
) -> dict[str, Level]:
    """Return what an examination tells."""
    return {it.text: it.level async for it in examine(project, {}, status, system)}


async def test_nothing_is_missing(project: ProjectSettings, system: System) -> None:
    """Python, sockets, store, space and programs."""
    told = await found(project, system)

    assert set(told.values()) == {Level.OK}
    assert len(told) == 5


async def test_everything_that_is_missing_is_said(
    project: ProjectSettings, system: System, tmp_path: Path
) -> None:
    """A port that is taken, a socket that is too long, an open directory, a store, a program."""
    await asyncio.to_thread((tmp_path / ("d" * 90)).mkdir, 0o755)
    member = MemberSettings(run=("no-such-program",))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        wrong = replace(
            project,
            run_dir="d" * 90,
            gateway=GatewaySettings(listen=address),
            store=StoreSettings(kind="tape"),
            components={"order": member},
        )
        told = [it for it, level in (await found(wrong, system)).items() if level is Level.FAILURE]

    for part in (
        "is used by process",
        "the limit is 107",
        "not 700",
        '"tape" is not installed',
        "there is no program no-such-program",
    ):
        assert [text for text in told if part in text], part


async def test_a_running_application_is_asked(
    project: ProjectSettings, system: System, running: Running, status: Status
) -> None:
    """Readiness, and the counters that must stay at zero."""
    sound = await found(project, system, status)
    running.fault = "store: no space"
    running.text = 'angzarr_gap_applied_total{component="saga",domain="order"} 1\n'
    ill = await found(project, system, status)

    assert sound == {
        "1 processes are ready": Level.OK,
        "nothing has happened that must never happen": Level.OK,
    }
    assert ill == {
        "coordinator-order is not ready: store: no space": Level.FAILURE,
        "angzarr_gap_applied_total is 1 at saga": Level.FAILURE,
    }


async def test_a_silent_monitoring_is_a_failure(
    project: ProjectSettings, system: System, status: Status
) -> None:
    """Nobody listens where the status says."""
    told = await found(project, system, replace(status, monitoring="unix:/nowhere.sock"))

    assert [it for it in told if it.startswith("monitoring at unix:/nowhere.sock does not answer")]


async def test_an_overview_joins_status_and_metrics(
    system: System, running: Running, status: Status
) -> None:
    """The worst state of a component, its rate, what waits; other processes behind."""
    running.text = 'angzarr_lag_events{component="order",domain="a"} 3\n'

    order, gateway = await overview(status, system.clock)

    assert (order.name, order.kind, order.state, order.restarts) == (
        "order",
        "aggregate",
        "backoff",
        2,
    )
    assert order.rate is not None
    assert order.rate > 0
    assert (order.lag, order.parked) == (3, None)
    assert (gateway.kind, gateway.rate) == ("gateway", None)
