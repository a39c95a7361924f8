"""All checks of an application at once."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from angzarr_doctor._finding import Finding
from angzarr_doctor._needs import check_needs
from angzarr_doctor._running import check_running
from angzarr_doctor._stores import verify_stores
from angzarr_ports import System
from angzarr_settings import ProjectSettings
from angzarr_standalone import Status


async def examine(
    project: ProjectSettings, environment: Mapping[str, str], status: Status | None, system: System
) -> AsyncIterator[Finding]:
    """Yield a finding per check: what `up` needs, or with `status` how the running one is.

    The stores are verified in both cases, from their beginning.
    """
    if status is None:
        for finding in await asyncio.to_thread(_needs, project, environment):
            yield finding
    else:
        async for finding in check_running(status.monitoring):
            yield finding
    async for finding in verify_stores(project, system, after=0):
        yield finding


def _needs(project: ProjectSettings, environment: Mapping[str, str]) -> list[Finding]:
    return list(check_needs(project, environment))
