"""One process: started, watched, restarted with backoff, stopped."""

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from angzarr_plan import Launch
from angzarr_ports import Metric, MetricKind, System
from angzarr_service import Channels
from angzarr_standalone._errors import StartError
from angzarr_standalone._output import Output
from angzarr_standalone._status import ProcessStatus, State

RESTARTS = Metric(
    name="angzarr_restarts_total",
    help="Processes that ended although nobody stopped them.",
    kind=MetricKind.COUNTER,
    labels=("component", "reason"),
)
INVARIANT_VIOLATION = Metric(
    name="angzarr_invariant_violation_total",
    help="Processes that ended because what cannot happen had happened.",
    kind=MetricKind.COUNTER,
    labels=("component",),
)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
DEATHS = 5
DEATHS_SECONDS = 300.0
VIOLATED_EXIT = 70
REFUSED_EXIT = 78
LOOK_SECONDS = 0.05
HEARTBEAT_SECONDS = 5.0
MISSES = 3


class Child:
    """A process under supervision; `changed` hears of every new state with a sentence."""

    def __init__(
        self,
        launch: Launch,
        output: Output,
        system: System,
        changed: Callable[["Child", str], None],
    ) -> None:
        self.launch = launch
        self.output = output
        self.state = State.WAITING
        self.restarts = 0
        self._system = system
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._deaths: deque[float] = deque()
        self._stopping = False

    @property
    def pid(self) -> int:
        """Return the number of the running process, 0 without one."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    @property
    def status(self) -> ProcessStatus:
        """Return how the process is."""
        return ProcessStatus(
            name=self.launch.name,
            role=self.launch.role,
            component=self.launch.component,
            state=self.state,
            pid=self.pid,
            restarts=self.restarts,
        )

    async def start(self, channels: Channels) -> None:
        """Start the process and return when it is healthy.

        Raises:
            StartError: it cannot be started, ends, or is not healthy in time.
        """
        await self._spawn()
        try:
            async with asyncio.timeout(self.launch.timeout_seconds):
                while not await self.launch.health.is_good(channels):
                    if not self.pid:
                        raise self._ended()
                    await self._system.clock.sleep(LOOK_SECONDS)
        except TimeoutError:
            why = f"was not healthy within {self.launch.timeout_seconds:.0f} s"
            raise StartError(self.launch.name, why, self.output.lines) from None
        self._system.faults.at("V2")
        self._become(State.RUNNING, "is running")

    async def watch(self, channels: Channels) -> None:
        """Restart the process whenever it dies, until it crashes for good or is stopped."""
        while not self._stopping:
            beating = self._system.tasks.start("heartbeat", self._beat(channels))
            code = await self._wait()
            beating.cancel()
            if not self._may_restart(code):
                return
            pause, death = self._pause(), len(self._deaths)
            text = f"{_ending(code)}, restart {death} of {DEATHS} in {pause * 1000:.0f} ms"
            self._become(State.BACKOFF, text)
            await self._system.clock.sleep(pause)
            await self._restart(channels)

    async def stop(self, seconds: float) -> None:
        """End the process: SIGTERM, after `seconds` SIGKILL of its whole group."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await process.wait()
        if process is not None:
            self._signal(signal.SIGKILL)
            await process.wait()
        self._become(State.STOPPED, "is stopped")

    async def _spawn(self) -> None:
        self._become(State.STARTING, "is starting")
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.launch.argv,
                cwd=self.launch.directory,
                env=dict(self.launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            why = f"cannot be started: {error.strerror or error}: {self.launch.argv[0]}"
            raise StartError(self.launch.name, why) from error
        self._system.faults.at("V1")
        self._become(State.STARTING, "is starting")
        if self._process.stdout is not None:
            self._system.tasks.start("output", self.output.pump(self._process.stdout))

    async def _restart(self, channels: Channels) -> None:
        """Start again; a failure to become healthy is one more death."""
        self.restarts += 1
        self._system.faults.at("V4")
        if self._stopping:
            return
        try:
            await self.start(channels)
        except StartError as error:
            self._signal(signal.SIGKILL)
            self._become(State.BACKOFF, error.why)

    async def _wait(self) -> int:
        process = self._process
        return await process.wait() if process is not None else 1

    def _may_restart(self, code: int) -> bool:
        if self._stopping:
            return False
        self._count(code)
        if code == REFUSED_EXIT:
            self._become(State.REFUSED, f"{_ending(code)}: it refuses to run as configured")
            return False
        now = self._system.clock.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > DEATHS_SECONDS:
            self._deaths.popleft()
        if len(self._deaths) == DEATHS:
            self._become(State.CRASHED, f"{_ending(code)}, {DEATHS} times in 5 minutes")
            return False
        return True

    def _count(self, code: int) -> None:
        metrics, component = self._system.metrics, self.launch.name
        metrics.count(RESTARTS, component=component, reason=_ending(code))
        if code == VIOLATED_EXIT and self.launch.monitoring:
            metrics.count(INVARIANT_VIOLATION, component=component)

    def _pause(self) -> float:
        doubled = FIRST_PAUSE_SECONDS * 2.0 ** (len(self._deaths) - 1)
        return min(LONGEST_PAUSE_SECONDS, doubled) * self._system.randomness.uniform(0.75, 1.0)

    async def _beat(self, channels: Channels) -> None:
        misses = 0
        while misses < MISSES:
            await self._system.clock.sleep(HEARTBEAT_SECONDS)
            alive = await self.launch.health.answers(channels)
            misses = 0 if alive else misses + 1
        self._changed(self, f"missed {MISSES} heartbeats and is killed")
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _ended(self) -> StartError:
        code = self._process.returncode if self._process is not None else None
        return StartError(self.launch.name, _ending(code or 0), self.output.lines)

    def _become(self, state: State, text: str) -> None:
        self.state = state
        self._changed(self, text)


def _ending(code: int) -> str:
    """Say how a process ended."""
    return f"exited {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"
