"""What a process of ours shows its operator: its logs, its readiness, its metrics."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from angzarr_defence import is_ours
from angzarr_ports import System
from angzarr_settings import Settings
from angzarr_store import RefusedError
from angzarr_telemetry._exposition import exposition
from angzarr_telemetry._log import log_to_stdout
from angzarr_telemetry._monitoring import Monitored, Monitoring
from angzarr_telemetry._process import Watchdog, end_with_stacks, sample_process
from angzarr_telemetry._readiness import Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process(Monitored):
    who: Mapping[str, str]
    readiness: Readiness
    system: System

    @override
    async def checks(self) -> Mapping[str, str]:
        return self.readiness.conditions

    @override
    async def metrics(self) -> str:
        return exposition(self.system.metrics.collect(), self.who)


def observe_process(settings: Settings, kind: str, system: System) -> None:
    """Write log lines, measure the process and watch its loop from now on, to its end."""
    log_to_stdout(settings.log, component=settings.component.name or kind, kind=kind)
    system.tasks.start("process metrics", sample_process(system))
    Watchdog(asyncio.get_running_loop(), end_with_stacks).start()


@asynccontextmanager
async def monitored(
    settings: Settings, kind: str, readiness: Readiness, system: System
) -> AsyncIterator[None]:
    """Serve health and metrics at `monitoring.listen`, if that is set, while the body runs.

    Raises:
        RefusedError: the address cannot be used.
    """
    address = settings.monitoring.listen
    who = {"component": settings.component.name or kind, "kind": kind}
    server = Monitoring(_Process(who=who, readiness=readiness, system=system), is_ours)
    async with AsyncExitStack() as stack:
        if address:
            try:
                await stack.enter_async_context(server.serving(address))
            except OSError as error:
                fix = "free it or choose another address"
                raise RefusedError("monitoring.listen", address, fix) from error
        yield
