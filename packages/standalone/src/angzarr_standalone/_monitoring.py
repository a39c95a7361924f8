"""Health and metrics of a whole application: those of every process, as one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import override

from angzarr_ports import System
from angzarr_standalone._child import Child
from angzarr_standalone._status import State
from angzarr_telemetry import Monitored, checks_of, exposition, get, merged

TIMEOUT_SECONDS = 2.0
SUPERVISOR = {"component": "supervisor", "kind": "supervisor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Monitored):
    """The children as they are now; one that does not answer is not ready, and has no metrics."""

    children: Callable[[], Sequence[Child]]
    system: System

    @override
    async def checks(self) -> Mapping[str, str]:
        async with asyncio.TaskGroup() as group:
            asked = {
                child.launch.name: group.create_task(_fault(child)) for child in self.children()
            }
        return {name: task.result() for name, task in asked.items()}

    @override
    async def metrics(self) -> str:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_exposed(child)) for child in self.children()]
        own = exposition(self.system.metrics.collect(), SUPERVISOR)
        return merged([own, *(task.result() for task in asked)])


async def _fault(child: Child) -> str:
    if child.state is not State.RUNNING:
        return str(child.state)
    if not child.launch.monitoring:
        return ""
    try:
        _, body = await get(child.launch.monitoring, "/readyz", timeout_seconds=TIMEOUT_SECONDS)
        checks = checks_of(body)
    except (OSError, ValueError) as error:
        return str(error) or "no answer in time"
    return ", ".join(f"{name}: {fault}" for name, fault in checks.items() if fault)


async def _exposed(child: Child) -> str:
    if not child.launch.monitoring:
        return ""
    try:
        _, body = await get(child.launch.monitoring, "/metrics", timeout_seconds=TIMEOUT_SECONDS)
    except OSError:
        return ""
    return body.decode()
