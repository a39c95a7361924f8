"""Starts an application in order, keeps it running, stops it in reverse."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Protocol

from angzarr import Method
from angzarr.types_pb2 import ComponentDescriptor, GetDescriptorRequest
from angzarr_ports import System, Worker
from angzarr_service import DESCRIPTOR_METHODS, CallError, Channels
from angzarr_settings import ProjectSettings, SettingsError
from angzarr_standalone._child import Child
from angzarr_standalone._errors import StartError
from angzarr_standalone._launch import Launch, Stage
from angzarr_standalone._output import Output
from angzarr_standalone._plan import Plan
from angzarr_standalone._run_directory import RunDirectory, run_directory_of
from angzarr_standalone._status import ComponentStatus, State, Status

MARK = "SUPERVISED_BY"
GUARD = Path(__file__).with_name("_guard.py")
DESCRIPTOR_SECONDS = 2.0
MARGIN_SECONDS = 5.0
TROUBLE = frozenset({State.BACKOFF, State.CRASHED, State.REFUSED})

DescriptorMethod = Method[GetDescriptorRequest, ComponentDescriptor]


class Reporter(Protocol):
    """Who hears what happens to a running application."""

    def ready(self, status: Status, seconds: float) -> None:
        """Everything is healthy, `seconds` after the start."""

    def failed(self, process: str, text: str, lines: tuple[str, ...]) -> None:
        """A process has died or cannot be used; `lines` are the last that it printed."""


class Supervisor:
    """One run of one project."""

    def __init__(self, plan: Plan, logs: Path, system: System, reporter: Reporter) -> None:
        self._plan = plan
        self._logs = logs
        self._system = system
        self._reporter = reporter
        self._channels = Channels()
        self._children: list[Child] = []
        self._components: tuple[ComponentStatus, ...] = ()
        self._writer: Worker = system.threads.worker("status")
        self._guard: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, watch until `stop`, stop everything.

        Raises:
            StartError: a process did not become healthy; nothing runs any more.
            SettingsError: the file and the descriptors leave something open.
        """
        began = self._system.clock.monotonic()
        try:
            await self._start_guard()
            await self._start(stop)
            if not stop.is_set():
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
            gateway=project.gateway.listen,
            store=project.store.url,
            logs=str(self._logs),
            processes=tuple(child.status for child in self._children),
            components=self._components,
        )

    async def _start(self, stop: asyncio.Event) -> None:
        await self._stages([*self._plan.services(), *self._plan.logic()], stop)
        if stop.is_set():
            return
        described = await self._described()
        launches = list(self._plan.coordinators(described))
        self._components = self._plan.components(described)
        await self._stages(launches, stop)

    async def _stages(self, launches: Iterable[Launch], stop: asyncio.Event) -> None:
        for _, stage in groupby(sorted(launches, key=_stage), key=_stage):
            if stop.is_set():
                return
            children = [self._child(launch) for launch in stage]
            self._children += children
            ready = {child.launch.name: asyncio.Event() for child in children}
            try:
                async with asyncio.TaskGroup() as group:
                    for child in children:
                        group.create_task(self._bring_up(child, ready))
            except BaseExceptionGroup as errors:
                raise _first(errors) from errors

    async def _bring_up(self, child: Child, ready: Mapping[str, asyncio.Event]) -> None:
        for name in child.launch.after:
            await ready[name].wait()
        await child.start(self._channels)
        ready[child.launch.name].set()
        self._system.tasks.start(child.launch.name, child.watch(self._channels))

    def _child(self, launch: Launch) -> Child:
        worker = self._system.threads.worker(f"log {launch.name}")
        output = Output(self._logs / f"{launch.name}.log", worker)
        return Child(launch, output, self._system, self._changed)

    async def _described(self) -> dict[str, ComponentDescriptor]:
        told: dict[str, ComponentDescriptor] = {}
        for name in self._plan.project.components:
            method: DescriptorMethod = DESCRIPTOR_METHODS[self._plan.kind(name)]
            try:
                told[name] = await self._channels.call(
                    self._plan.logic_address(name),
                    method,
                    GetDescriptorRequest(),
                    timeout_seconds=DESCRIPTOR_SECONDS,
                )
            except CallError:
                continue
        return told

    async def _stop(self) -> None:
        await self._channels.aclose()
        patience = self._plan.project.shutdown.drain_seconds + MARGIN_SECONDS
        for _, stage in groupby(reversed(self._children), key=lambda it: it.launch.stage):
            async with asyncio.TaskGroup() as group:
                for child in stage:
                    group.create_task(child.stop(patience))
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            await self._guard.wait()
        await self._channels.aclose()
        await self._writer.aclose()

    async def _start_guard(self) -> None:
        mark = "=".join(next(iter(self._plan.mark.items())))
        self._guard = await asyncio.create_subprocess_exec(
            sys.executable,
            "-IS",
            str(GUARD),
            mark,
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={},
        )

    def _changed(self, child: Child, text: str) -> None:
        if child.state is State.STARTING and child.pid and self._guard is not None:
            stdin = self._guard.stdin
            if stdin is not None and not stdin.is_closing():
                stdin.write(f"{child.pid}\n".encode())
        if child.state in TROUBLE and not self._stopping:
            self._reporter.failed(child.launch.name, text, child.output.lines)
        self._system.tasks.start("status", self._write_status(self.status))

    async def _write_status(self, status: Status) -> None:
        await self._writer.call(lambda: status.write(self._plan.directory.path))


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
        SettingsError: a path is too long, or a component cannot be completed.
        StartError: a process did not become healthy.
    """
    directory = RunDirectory(run_directory_of(project, environment))
    logs = Path(project.home) / ".angzarr" / "logs"
    await asyncio.to_thread(_prepare, project, directory, logs)
    mark = {MARK: str(system.randomness.uuid4())}
    plan = Plan(project=project, directory=directory, environment=environment, mark=mark)
    try:
        await Supervisor(plan, logs, system, reporter).run(stop)
    finally:
        await asyncio.to_thread(directory.release)


def _prepare(project: ProjectSettings, directory: RunDirectory, logs: Path) -> None:
    directory.take()
    logs.mkdir(parents=True, exist_ok=True)
    ignore = logs.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    if project.store.url:
        Path(project.store.url).mkdir(parents=True, exist_ok=True)


def _stage(launch: Launch) -> Stage:
    return launch.stage


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    for error in errors.exceptions:
        if isinstance(error, StartError | SettingsError):
            return error
    return errors.exceptions[0]
