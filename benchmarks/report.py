"""Everything that was measured, and how people read it."""

from collections.abc import Iterator
from dataclasses import dataclass

from closed_loop import Point
from load import Loaded
from memory import ProcessMemory
from ways import Ways

HEADINGS = ("", "in flight", "per s", "p50 ms", "p99 ms", "/ echo", "/ SQLite", "effects s")
WAYS = ("", "in flight", "per s", "p50 ms", "p99 ms", "/ alone", "/ stream")
WIDTHS = (16, 10, 8, 9, 9, 8, 10, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Commands of one system beside the references with as many in flight."""

    system: str
    loaded: Loaded
    of_echo: float
    of_sqlite: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run on one machine; `noise` is how much rounds of a reference differ, as a factor."""

    machine: str
    seconds: float
    noise: float
    echo: tuple[Point, ...]
    sqlite: tuple[Point, ...]
    rows: tuple[Row, ...]
    ways: tuple[Ways, ...]
    memory: tuple[ProcessMemory, ...]

    @property
    def text(self) -> str:
        """Return the table."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.machine}; {self.seconds:g} s per point"
        yield f"noise: rounds of the same reference differ by a factor of up to {self.noise:g}"
        yield ""
        yield _line(HEADINGS)
        for point in self.echo:
            yield _line(("gRPC echo, calls", *_numbers(point)))
        for point in self.sqlite:
            yield _line(("SQLite, rows", *_numbers(point)))
        for row in self.rows:
            ratios = f"{row.of_echo:.3f}", f"{row.of_sqlite:.3f}"
            settled = row.loaded.settled
            effects = f"{settled.settle_seconds:.2f}" if settled else ""
            yield _line((row.system, *_numbers(row.loaded.point), *ratios, effects))
        yield ""
        yield _line(WAYS)
        for way in self.ways:
            for name, point, of_unary, of_stream in way.rows():
                yield _line((name, *_numbers(point), f"{of_unary:.2f}", f"{of_stream:.2f}"))
        yield ""
        yield from (f"{it.name:<40}{it.pss_mib:8.1f} MiB" for it in self.memory)
        yield f"{'sum of PSS':<40}{sum(it.pss_mib for it in self.memory):8.1f} MiB"
        yield ""
        yield from self._troubles() or ["No command failed and no effect is missing or doubled."]

    def _troubles(self) -> list[str]:
        return [text for row in self.rows for text in _troubles(row)]


def _troubles(row: Row) -> Iterator[str]:
    loaded, settled = row.loaded, row.loaded.settled
    where = f"{row.system}, {loaded.point.in_flight} in flight"
    for text, count in loaded.failures.items():
        yield f"{where}: {count} commands failed: {text}"
    if settled and (settled.missing or settled.repeated):
        yield (
            f"{where}: of {loaded.acknowledged} orders {settled.missing} have no reservation"
            f" and {settled.repeated} have several"
        )


def _numbers(point: Point) -> tuple[str, ...]:
    rate = f"{point.per_second:.0f}"
    return str(point.in_flight), rate, f"{point.p50_ms:.2f}", f"{point.p99_ms:.2f}"


def _line(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, WIDTHS, strict=False)
    return (f"{first[0]:<{first[1]}}" + "".join(f"{it:>{width}}" for it, width in others)).rstrip()
