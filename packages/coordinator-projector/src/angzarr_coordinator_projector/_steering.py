"""Which versions of the read model run (ADR 15)."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from angzarr_coordinator_projector._beside import Beside
from angzarr_coordinator_projector._models import Model, Models
from angzarr_coordinator_projector._steps import Steps
from angzarr_coordinator_projector._versions import (
    CATCHING_UP,
    NONE,
    REBUILDING,
    SWITCHING,
    Versions,
)
from angzarr_deadletter import Component
from angzarr_delivery import Report, standby
from angzarr_ports import first_of
from angzarr_progress import Watch
from angzarr_store import Letter

Step = Callable[[], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A subscription at work."""

    model: Model
    stop: asyncio.Event
    task: asyncio.Task[None]


class Steering:
    """Runs what the record asks for: the live version, one beside it, the steps of a switch."""

    def __init__(
        self, versions: Versions, models: Models, watch: Watch, whose: Component, report: Report
    ) -> None:
        self.beside = Beside(versions, models)
        self._versions = versions
        self._models = models
        self._watch = watch
        self._whose = whose
        self._report = report
        self._steps = Steps(versions, models, watch, self.beside, report)
        self._running: dict[str, Running] = {}
        self._work: tuple[Step, asyncio.Task[None]] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, then let what is in work end.

        Raises:
            FencedError, UnknownOutcomeError, InvariantError: one of them must be begun anew.
            StoreUnavailableError: a lease cannot be taken now.
        """
        await standby(self._versions.open(), stop, self._stand_by)
        try:
            async with asyncio.TaskGroup() as group:
                ending = group.create_task(stop.wait())
                while not stop.is_set():
                    changed = self._versions.changed
                    if self._versions.failure is not None:
                        raise self._versions.failure
                    await self._arrange(group)
                    waiting = group.create_task(changed.wait())
                    await asyncio.wait([ending, waiting], return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                await self._end([], None)
        except BaseExceptionGroup as errors:
            raise first_of(errors) from None

    async def _stand_by(self) -> None:
        self._watch.track.stand_by()
        for condition in self._watch.conditions:
            await self._report(condition, "")

    @property
    def paused(self) -> frozenset[str]:
        """Return the domains of which the live version takes no further event."""
        live = self._running.get(self._versions.live)
        return live.model.subscriber.paused if live is not None else frozenset()

    async def pause(self, *, paused: bool) -> None:
        """Pause or go on with every version that runs; one that is begun later takes events."""
        for running in [*self._running.values()]:
            await running.model.subscriber.pause(paused=paused)

    async def resume(self, letter: Letter) -> None:
        """Go on with the root of a letter; see `Subscription.resume`."""
        running = self._running.get(letter.subscriber)
        if running is not None:
            await running.model.subscriber.resume(letter)

    async def _arrange(self, group: asyncio.TaskGroup) -> None:
        """Make what runs what the record says: first end, then start."""
        state, live = self._versions.current.state, self._versions.live
        self._whose.live = live
        beside = self._versions.beside
        wanted = {NONE: [live], REBUILDING: [live, beside]}.get(state, [])
        step = self._step()
        await self._end(wanted, step)
        for name in wanted:
            if name not in self._running:
                self._running[name] = self._started(group, name, is_live=name == live)
        if step is not None and self._work is None:
            self._work = step, group.create_task(step())

    def _step(self) -> Step | None:
        """Return what is to be done beside, None if nothing is."""
        current = self._versions.current
        if current.state == CATCHING_UP:
            return self._steps.catch_up
        if current.state == SWITCHING:
            return self._steps.switch
        return self._steps.forget if current.retired else None

    async def _end(self, wanted: Sequence[str], step: Step | None) -> None:
        """End what is not wanted, all at once; a subscription finishes what it has begun."""
        if self._work is not None and self._work[0] != step:
            self._work[1].cancel()
            await asyncio.wait([self._work[1]])
            self._work = None
        over = [self._running.pop(it) for it in tuple(self._running) if it not in wanted]
        for running in over:
            running.stop.set()
        if over:
            await asyncio.wait([running.task for running in over])

    def _started(self, group: asyncio.TaskGroup, name: str, *, is_live: bool) -> Running:
        stop = asyncio.Event()
        if is_live:
            model = self._models.live(name, self._watch.track, self._report)
            return Running(model=model, stop=stop, task=group.create_task(model.run(stop)))
        self.beside.begin()
        model = self.beside.model(self._watch.track.position)
        task = group.create_task(self.beside.keep(model, stop))
        return Running(model=model, stop=stop, task=task)
