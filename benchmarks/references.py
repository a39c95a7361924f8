"""Rounds of the raw references, and their median."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from child import measure
from closed_loop import Point
from shop import scratch, short_scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Each reference once for every number in flight."""

    echo: tuple[Point, ...]
    sqlite: tuple[Point, ...]


def one_round(in_flights: Sequence[int], seconds: float) -> Round:
    """Measure both references, one after the other."""
    return Round(
        echo=tuple(_echo(in_flight, seconds) for in_flight in in_flights),
        sqlite=tuple(_sqlite(in_flight, seconds) for in_flight in in_flights),
    )


def median(rounds: Sequence[Round]) -> Round:
    """Return the median of several rounds, number by number."""
    return Round(
        echo=_median([it.echo for it in rounds]), sqlite=_median([it.sqlite for it in rounds])
    )


def noise(rounds: Sequence[Round]) -> float:
    """Return how many times faster the fastest round of a reference was than its slowest."""
    points = (point for it in rounds for point in enumerate((*it.echo, *it.sqlite)))
    rates: dict[int, list[float]] = {}
    for number, point in points:
        rates.setdefault(number, []).append(point.per_second)
    return round(max(max(it) / min(it) for it in rates.values()), 2)


def _echo(in_flight: int, seconds: float) -> Point:
    told = (f"--in-flight={in_flight}", f"--seconds={seconds}")
    with short_scratch() as directory:
        return Point(**measure("echo.py", *told, f"--directory={directory}"))


def _sqlite(in_flight: int, seconds: float) -> Point:
    told = (f"--in-flight={in_flight}", f"--seconds={seconds}")
    with scratch() as directory:
        return Point(**measure("sqlite_commit.py", *told, f"--directory={directory}"))


def _median(rounds: Sequence[tuple[Point, ...]]) -> tuple[Point, ...]:
    return tuple(
        Point(
            in_flight=points[0].in_flight,
            per_second=statistics.median(it.per_second for it in points),
            p50_ms=statistics.median(it.p50_ms for it in points),
            p99_ms=statistics.median(it.p99_ms for it in points),
        )
        for points in zip(*rounds, strict=True)
    )
