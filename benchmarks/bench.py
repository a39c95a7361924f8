"""Commands per second, latencies and memory, beside raw references of the same run."""

import argparse
import json
import os
import platform
import signal
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import memory
import references
import ways
from child import measure
from errors import BenchError
from load import Loaded
from report import Report, Row
from shop import Shop, running

IN_FLIGHT = (1, 8, 32, 64)
ORDER_ALONE, WHOLE_SHOP = "order alone", "whole shop"
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM


def run(seconds: float) -> Report:
    """Measure everything; the references before, between and after the systems.

    Raises:
        BenchError: the shop does not start, or a measurement fails.
    """
    rounds = [_references(seconds)]
    with running(["order"]) as shop:
        alone = _load(ORDER_ALONE, shop, seconds)
    rounds.append(_references(seconds))
    with running() as shop:
        whole = _load(WHOLE_SHOP, shop, seconds, "--effects")
        used = memory.measure(shop.status)
    rounds.append(_references(seconds))
    raw = references.median(rounds)
    _tell("calls of logic: alone, within the link, raw stream")
    logic = ways.measured(IN_FLIGHT, seconds)
    return Report(
        machine=_machine(),
        seconds=seconds,
        noise=references.noise(rounds),
        echo=raw.echo,
        sqlite=raw.sqlite,
        rows=(*_rows(ORDER_ALONE, alone, raw), *_rows(WHOLE_SHOP, whole, raw)),
        ways=logic,
        memory=used,
    )


def _references(seconds: float) -> references.Round:
    _tell("raw references")
    return references.one_round(IN_FLIGHT, seconds)


def _load(system: str, shop: Shop, seconds: float, *options: str) -> list[Loaded]:
    found = []
    for in_flight in IN_FLIGHT:
        _tell(f"{system}, {in_flight} in flight")
        told = (f"--gateway={shop.gateway}", f"--in-flight={in_flight}", f"--seconds={seconds}")
        found.append(Loaded.parse(measure("load.py", *told, *options)))
    return found


def _rows(system: str, loads: Sequence[Loaded], raw: references.Round) -> list[Row]:
    return [
        Row(
            system=system,
            loaded=loaded,
            of_echo=round(loaded.point.per_second / echo.per_second, 4),
            of_sqlite=round(loaded.point.per_second / sqlite.per_second, 4),
        )
        for loaded, echo, sqlite in zip(loads, raw.echo, raw.sqlite, strict=True)
    ]


def _machine() -> str:
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return f"{os.cpu_count()} cores, Python {python}, SQLite {sqlite}"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _terminated(*_: object) -> None:
    sys.exit(TERMINATED)


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="per point (default: 5)")
    parser.add_argument("--quick", action="store_true", help="1 second per point")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    given = parser.parse_args()
    if given.seconds <= 0:
        parser.error("--seconds must be more than 0")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        report = run(1.0 if given.quick else given.seconds)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    print(report.text)
    if given.json:
        given.json.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
