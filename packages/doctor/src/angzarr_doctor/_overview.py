"""How a running application is, component by component, from its status and its metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from angzarr_ports import Clock
from angzarr_standalone import ProcessStatus, State, Status
from angzarr_telemetry import get, samples_of

SAMPLE_SECONDS = 0.5
TIMEOUT_SECONDS = 5.0
WORK = frozenset(
    {
        "angzarr_command_total",
        "angzarr_saga_duration_seconds_count",
        "angzarr_pm_duration_seconds_count",
        "angzarr_projector_duration_seconds_count",
    }
)
LAG, PARKED = "angzarr_lag_events", "angzarr_parked_events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One component, or a process beside them, with all its processes together.

    Shape: `rate` is commands or events per second; None is what it does not have or tell.
    """

    name: str
    kind: str
    state: str
    rate: float | None
    lag: int | None
    parked: int | None
    restarts: int
    processes: tuple[ProcessStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    seconds: float
    work: Mapping[str, float]
    waiting: Mapping[str, Mapping[str, float]]


async def overview(status: Status, clock: Clock) -> list[Overview]:
    """Return components, then other processes; it takes half a second to see how fast they are.

    Raises:
        OSError: monitoring does not answer.
    """
    before = await _read(status.monitoring, clock)
    await clock.sleep(SAMPLE_SECONDS)
    after = await _read(status.monitoring, clock)
    kinds = {it.name: it.kind for it in status.components}
    names = dict.fromkeys([*kinds, *(it.component for it in status.processes)])
    return [_row(name, kinds.get(name, ""), status, (before, after)) for name in names]


def _row(name: str, kind: str, status: Status, seen: tuple[_Reading, _Reading]) -> Overview:
    before, after = seen
    own = tuple(it for it in status.processes if it.component == name)
    done = after.work.get(name)
    passed = after.seconds - before.seconds
    return Overview(
        name=name,
        kind=kind or own[0].role,
        state=str(next((it.state for it in own if it.state is not State.RUNNING), State.RUNNING)),
        rate=None if done is None else max(0.0, done - before.work.get(name, 0)) / passed,
        lag=_whole(after.waiting[LAG].get(name)),
        parked=_whole(after.waiting[PARKED].get(name)),
        restarts=sum(it.restarts for it in own),
        processes=own,
    )


async def _read(monitoring: str, clock: Clock) -> _Reading:
    _, body = await get(monitoring, "/metrics", timeout_seconds=TIMEOUT_SECONDS)
    work: dict[str, float] = {}
    waiting: dict[str, dict[str, float]] = {LAG: {}, PARKED: {}}
    for sample in samples_of(body.decode()):
        name = sample.labels.get("component", "")
        found = work if sample.name in WORK else waiting.get(sample.name)
        if found is not None:
            found[name] = found.get(name, 0) + sample.value
    return _Reading(seconds=clock.monotonic(), work=work, waiting=waiting)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
