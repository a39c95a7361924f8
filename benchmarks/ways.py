"""The ways in which a coordinator may call logic, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from child import measure
from closed_loop import Point
from shop import short_scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Each way with as many calls in flight: alone, within the link, and on a raw stream."""

    unary: Point
    link: Point
    stream: Point

    def rows(self) -> Iterator[tuple[str, Point, float, float]]:
        """Yield each way, its point, and its rate beside that of calls alone and of the stream."""
        named = {"logic, alone": self.unary, "logic, link": self.link, "raw stream": self.stream}
        for name, point in named.items():
            rate = point.per_second
            yield name, point, rate / self.unary.per_second, rate / self.stream.per_second


def measured(in_flights: Sequence[int], seconds: float) -> tuple[Ways, ...]:
    """Measure all of them for every number in flight."""
    return tuple(
        Ways(
            unary=_point("unary", in_flight, seconds),
            link=_point("link", in_flight, seconds),
            stream=_point("stream", in_flight, seconds),
        )
        for in_flight in in_flights
    )


def _point(way: str, in_flight: int, seconds: float) -> Point:
    told = (f"--way={way}", f"--in-flight={in_flight}", f"--seconds={seconds}")
    with short_scratch() as directory:
        return Point(**measure("link.py", *told, f"--directory={directory}"))
