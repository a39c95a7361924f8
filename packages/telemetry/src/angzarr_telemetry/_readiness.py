"""What must hold for a process to take requests (contract.md §1.4, operations.md §5)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from angzarr_ports import System

PROBE_SECONDS = 5.0
CHANGED = "health.changed"
START = "start"

_LOG = logging.getLogger("angzarr.health")


class Readiness:
    """Named conditions; `publish` hears whether all of them hold, whenever that changes."""

    def __init__(self, publish: Callable[[bool], Awaitable[None]], system: System) -> None:
        self._publish = publish
        self._system = system
        self._faults = {START: "starting"}
        self._ready: bool | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """Return every condition with what is wrong, "" when it holds."""
        return dict(self._faults)

    @property
    def faults(self) -> dict[str, str]:
        """Return what does not hold, by the name of the condition."""
        return {name: fault for name, fault in self._faults.items() if fault}

    async def set(self, condition: str, fault: str) -> None:
        """Say that a condition holds, or with a text that it does not."""
        if fault != self._faults.get(condition, ""):
            _LOG.info(CHANGED, extra={"reason": f"{condition}: {fault or 'ok'}"})
        self._faults[condition] = fault
        ready = not self.faults
        if ready is not self._ready:
            self._ready = ready
            await self._publish(ready)

    async def started(self, *unknown: str) -> None:
        """Say that everything is in place; until then nothing is ready.

        Conditions that are `unknown` do not hold until somebody says that they do.
        """
        for condition in unknown:
            self._faults.setdefault(condition, "not known yet")
        await self.set(START, "")

    async def watch(self, condition: str, probe: Callable[[], Awaitable[None]]) -> None:
        """Probe a condition now and every five seconds from now on; it holds unless it raises."""
        await self.set(condition, await _probed(probe))
        self._system.tasks.start(f"probe {condition}", self._keep(condition, probe))

    async def _keep(self, condition: str, probe: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._system.clock.sleep(PROBE_SECONDS)
            await self.set(condition, await _probed(probe))


async def _probed(probe: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await probe()
    except TimeoutError:
        return "no answer in time"
    except Exception as error:  # noqa: BLE001 - whatever a probe meets is what is wrong
        return f"{type(error).__name__}: {error}"
    return ""
