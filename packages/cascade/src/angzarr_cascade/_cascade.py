"""Who follows an append, who follows from their commands, and what became of it at each."""

import asyncio
from collections.abc import Sequence

from angzarr.progress_pb2 import AwaitResponse
from angzarr.types_pb2 import ComponentResult, EventBook, SyncMode
from angzarr_cascade._append import Append
from angzarr_cascade._question import Question
from angzarr_discovery import Component
from angzarr_ports import Metric, MetricKind, System
from angzarr_replicas import Replicas

AT_ONCE = 64
PREFIX = "COMPONENT_RESULT_"
WAITS = Metric(
    name="angzarr_sync_total",
    help="Components that a caller waited for, by what became of it.",
    kind=MetricKind.COUNTER,
    labels=("component", "mode", "outcome"),
)
WAIT_SECONDS = Metric(
    name="angzarr_sync_wait_seconds",
    help="How long a caller waited for one component.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "mode", "outcome"),
)


class Cascade:
    """Follows appends at every component that discovery knows."""

    def __init__(self, replicas: Replicas, system: System) -> None:
        self._replicas = replicas
        self._system = system

    async def follow(
        self, append: EventBook, mode: SyncMode.ValueType, until: float
    ) -> Sequence[AwaitResponse]:
        """Return what became of an append, the nearest first, then by component; it never fails.

        Nobody waits for somebody else's answer. Units: `until` is seconds of the clock.
        Rule: contract.md §4.2.
        """
        slots, found, asked = asyncio.Semaphore(AT_ONCE), [], set[tuple[str, str, int]]()

        async def ask(question: Question) -> None:
            answer = await self._answer(question, mode, slots)
            if answer is not None:
                found.append(answer)
                for effect in question.append.effects(answer):
                    follow(effect)

        def follow(append: Append) -> None:
            for component in append.followers(self._replicas.discovery.components(), mode):
                if _is_new((component.name, append.domain, append.position), asked):
                    group.create_task(ask(self._question(component, append, until)))

        domain, position = append.cover.domain, append.pages[-1].position
        async with asyncio.TaskGroup() as group:
            follow(Append(domain=domain, position=position, depth=0, book=append))
        return sorted(
            found,
            key=lambda it: (it.outcome.depth, it.outcome.component, it.outcome.position),
        )

    def _question(self, component: Component, append: Append, until: float) -> Question:
        return Question(
            component=component,
            append=append,
            until=until,
            replicas=self._replicas,
            system=self._system,
        )

    async def _answer(
        self, question: Question, mode: SyncMode.ValueType, slots: asyncio.Semaphore
    ) -> AwaitResponse | None:
        began = self._system.clock.monotonic()
        async with slots:
            answer = await question.answer()
        if answer is not None:
            labels = {
                "component": question.component.name,
                "mode": SyncMode.Name(mode).removeprefix("SYNC_MODE_").lower(),
                "outcome": ComponentResult.Name(answer.outcome.result).removeprefix(PREFIX).lower(),
            }
            self._system.metrics.count(WAITS, **labels)
            took = self._system.clock.monotonic() - began
            self._system.metrics.observe(WAIT_SECONDS, took, **labels)
        return answer


def _is_new(place: tuple[str, str, int], asked: set[tuple[str, str, int]]) -> bool:
    """Say whether a component is not asked about an append yet, and note it."""
    is_new = place not in asked
    asked.add(place)
    return is_new
