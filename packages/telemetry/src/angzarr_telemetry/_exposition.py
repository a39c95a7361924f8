"""Metrics in the text format of Prometheus: written, merged, read back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from angzarr_ports import Distribution, Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n"}
_PLAIN = {"n": "\n"}

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line of an exposition."""

    name: str
    labels: Labels
    value: float


def exposition(families: Iterable[Family], who: Labels) -> str:
    """Return the text of a process; `who` adds labels to the series that lack them."""
    lines: list[str] = []
    for family in families:
        metric = family.metric
        lines.append(f"# HELP {metric.name} {metric.help}")
        lines.append(f"# TYPE {metric.name} {metric.kind}")
        for values, found in sorted(family.series.items()):
            labels = {**who, **dict(zip(metric.labels, values, strict=True))}
            if isinstance(found, Distribution):
                lines += _buckets(metric.name, labels, metric.bounds, found)
            else:
                lines.append(_line(metric.name, labels, found))
    return "".join(f"{line}\n" for line in lines)


def merged(texts: Iterable[str]) -> str:
    """Return the expositions of several processes as one, each metric described once."""
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for text in texts:
        lines: list[str] = []
        for line in text.splitlines():
            if line.startswith("#"):
                _, what, name, _ = line.split(" ", 3)
                lines = samples.setdefault(name, [])
                head = heads.setdefault(name, [])
                if not any(it.startswith(f"# {what} ") for it in head):
                    head.append(line)
            else:
                lines.append(line)
    found = (line for name in sorted(heads) for line in (*heads[name], *samples[name]))
    return "".join(f"{line}\n" for line in found)


def samples_of(text: str) -> Iterator[Sample]:
    """Yield every sample of an exposition."""
    for line in text.splitlines():
        found = _SAMPLE.fullmatch(line)
        if found is not None:
            labels = {name: _plain(value) for name, value in _LABEL.findall(found[2] or "")}
            yield Sample(name=found[1], labels=labels, value=float(found[3]))


def _buckets(
    name: str, labels: Labels, bounds: tuple[float, ...], found: Distribution
) -> Iterator[str]:
    counts = list(accumulate(found.counts))
    for bound, count in zip((*bounds, "+Inf"), counts, strict=True):
        yield _line(f"{name}_bucket", {**labels, "le": str(bound)}, count)
    yield _line(f"{name}_sum", labels, found.sum)
    yield _line(f"{name}_count", labels, counts[-1])


def _line(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in sorted(labels.items()))
    return f"{name}{{{told}}} {value!r}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _PLAIN.get(found[1], found[1]), text)
