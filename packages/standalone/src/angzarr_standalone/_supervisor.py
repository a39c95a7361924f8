"""Starts an application in order, keeps it running, stops it in reverse."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from typing import Protocol

from angzarr import is_name
from angzarr_defence import PRIVATE, is_ours
from angzarr_plan import Facts, Launch, Places, Plan, Stage
from angzarr_ports import System, first_of
from angzarr_service import Channels
from angzarr_settings import ProjectSettings, SettingsError
from angzarr_standalone._child import Child
from angzarr_standalone._errors import StartError
from angzarr_standalone._guarding import Guard
from angzarr_standalone._listener import check_listener
from angzarr_standalone._monitoring import Application
from angzarr_standalone._output import Output
from angzarr_standalone._run_directory import RunDirectory, run_directory_of
from angzarr_standalone._status import ComponentStatus, State, Status
from angzarr_telemetry import Monitoring, sample_process

MARK = "SUPERVISED_BY"
MARGIN_SECONDS = 5.0
TROUBLE = frozenset({State.BACKOFF, State.CRASHED, State.REFUSED})


class Reporter(Protocol):
    """Who hears what happens to a running application."""

    def ready(self, status: Status, seconds: float) -> None:
        """Everything is healthy, `seconds` after the start."""

    def failed(self, process: str, text: str, lines: tuple[str, ...]) -> None:
        """A process has died or cannot be used; `lines` are the last that it printed."""

    def line(self, text: str) -> None:
        """The coordinator of an aggregate has printed a line."""


class Supervisor:
    """One run of one project."""

    def __init__(self, plan: Plan, logs: Path, system: System, reporter: Reporter) -> None:
        self._plan = plan
        self._logs = logs
        self._system = system
        self._reporter = reporter
        self._channels = Channels()
        self._children: list[Child] = []
        self._facts = tuple[Facts, ...]()
        self._files = system.threads.worker("files")
        self._guard = Guard("=".join(next(iter(plan.mark.items()))), system)
        self._monitoring = plan.monitoring
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, watch until `stop`, stop everything.

        Raises:
            StartError: a process did not become healthy; nothing runs any more.
            SettingsError: the file and the descriptors leave something open.
        """
        began = self._system.clock.monotonic()
        try:
            await self._guard.start()
            if await _finished(self._start(), stop):
                async with self._monitored():
                    self._reporter.ready(self.status, self._system.clock.monotonic() - began)
                    await stop.wait()
        finally:
            self._stopping = True
            await self._stop()

    @property
    def status(self) -> Status:
        """Return how the application is."""
        project = self._plan.project
        return Status(
            project=project.project or Path(project.home).name,
            pid=os.getpid(),
            gateway=self._plan.gateway,
            monitoring=self._monitoring,
            topology=self._plan.topology,
            store=project.store.url,
            logs=str(self._logs),
            processes=tuple(child.status for child in self._children),
            components=tuple(ComponentStatus.of(facts) for facts in self._facts),
        )

    @asynccontextmanager
    async def _monitored(self) -> AsyncIterator[None]:
        """Serve the health and the metrics of the application while the body runs."""
        self._system.tasks.start("process metrics", sample_process(self._system))
        application = Application(children=lambda: self._children, system=self._system)
        try:
            server = Monitoring(application, is_ours)
            async with server.serving(self._monitoring) as self._monitoring:
                await self._write_status(self.status)
                yield
        except OSError as error:
            raise StartError("monitoring", f"cannot listen: {error}") from error

    async def _start(self) -> None:
        await self._stages(lambda: [*self._plan.services(), *self._plan.logic()])
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(inquiry.facts(self._channels))
                for inquiry in self._plan.inquiries()
            ]
        self._facts = tuple(task.result() for task in asked)
        await self._stages(lambda: list(self._plan.coordinators(self._facts)))

    async def _stages(self, planned: Callable[[], list[Launch]]) -> None:
        launches = await self._files.call(planned)
        for _, stage in groupby(sorted(launches, key=_stage), key=_stage):
            children = [self._child(launch) for launch in stage]
            self._children += children
            ready = {child.launch.name: asyncio.Event() for child in children}
            async with asyncio.TaskGroup() as group:
                for child in children:
                    group.create_task(self._bring_up(child, ready))

    async def _bring_up(self, child: Child, ready: Mapping[str, asyncio.Event]) -> None:
        for name in child.launch.after:
            await ready[name].wait()
        await child.start(self._channels)
        ready[child.launch.name].set()
        self._system.tasks.start(child.launch.name, child.watch(self._channels))

    def _child(self, launch: Launch) -> Child:
        hear = self._reporter.line if launch.stage is Stage.AGGREGATE else _ignore
        output = Output(self._logs / f"{launch.name}.log", self._files, hear)
        return Child(launch, output, self._system, self._changed)

    async def _stop(self) -> None:
        patience = self._plan.project.shutdown.drain_seconds + MARGIN_SECONDS
        for _, stage in groupby(reversed(self._children), key=lambda it: it.launch.stage):
            async with asyncio.TaskGroup() as group:
                for child in stage:
                    group.create_task(child.stop(patience))
            self._system.faults.at("V3")
        await self._guard.aclose()
        await self._channels.aclose()
        await self._files.aclose()

    def _changed(self, child: Child, text: str) -> None:
        if child.state is State.STARTING and child.pid:
            self._guard.know(child.pid)
        if child.state in TROUBLE and not self._stopping:
            self._reporter.failed(child.launch.name, text, child.output.lines)
        self._system.tasks.start("status", self._write_status(self.status))

    async def _write_status(self, status: Status) -> None:
        await self._files.call(lambda: status.write(self._plan.directory.path))


async def up(
    project: ProjectSettings,
    system: System,
    stop: asyncio.Event,
    *,
    environment: Mapping[str, str],
    reporter: Reporter,
) -> None:
    """Run a project until `stop`; `environment` is that of this process.

    Raises:
        RunningError: it runs already.
        PortTakenError: another process listens where the gateway or monitoring should.
        SettingsError: a path is too long, or a component cannot be completed.
        StartError: a process did not become healthy.
    """
    directory = RunDirectory(run_directory_of(project, environment))
    logs = Path(project.home) / ".angzarr" / "logs"
    mark = {MARK: str(system.randomness.uuid4())}
    places = Places(directory.path)
    plan = Plan(project=project, directory=places, environment=environment, mark=mark)
    try:
        await asyncio.to_thread(_prepare, project, directory, logs)
        await Supervisor(plan, logs, system, reporter).run(stop)
    finally:
        await asyncio.to_thread(directory.release)


def _prepare(project: ProjectSettings, directory: RunDirectory, logs: Path) -> None:
    _check_names(project)
    directory.take()
    for key, address in project.listeners.items():
        check_listener(key, address)
    logs.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    ignore = logs.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    if project.store.directory:
        Path(project.store.directory).mkdir(mode=PRIVATE, parents=True, exist_ok=True)


def _check_names(project: ProjectSettings) -> None:
    """Refuse a name that could be more than a name once it is part of a path."""
    for group in ("components", "services"):
        for name in getattr(project, group):
            if not is_name(name):
                what = f"{group} has the name {name!r}"
                raise SettingsError(what, project.home, "Use lower-case letters, digits and -.")


def _stage(launch: Launch) -> Stage:
    return launch.stage


def _ignore(_line: str) -> None:
    """Nobody wants to hear it."""


async def _finished(work: Coroutine[object, object, None], stop: asyncio.Event) -> bool:
    """Say whether `work` came to its end before `stop`, which cancels it.

    Raises:
        StartError, SettingsError: the first error of `work`.
    """
    try:
        async with asyncio.TaskGroup() as group:
            working, stopping = group.create_task(work), group.create_task(stop.wait())
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            stopping.cancel()
    except BaseExceptionGroup as errors:
        raise _explaining(errors) from None
    return not working.cancelled()


def _explaining(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return an error that explains the failure, else the first one."""
    return first_of(errors.subgroup((StartError, SettingsError)) or errors)
