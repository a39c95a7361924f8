"""Reference: rows that SQLite commits in groups, each group with one fsync."""

import argparse
import json
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from closed_loop import Point, Samples

ROW_BYTES = 500
WARM_UP_SECONDS = 0.3


def connect(path: Path) -> sqlite3.Connection:
    """Open a new database that keeps what it has acknowledged."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = full")
    connection.execute("CREATE TABLE rows (position INTEGER PRIMARY KEY, page BLOB NOT NULL)")
    return connection


def commit(connection: sqlite3.Connection, *, in_flight: int, seconds: float) -> Samples:
    """Return the samples of one transaction after the other of `in_flight` rows each."""
    rows = [(b"x" * ROW_BYTES,)] * in_flight
    samples = Samples(seconds)
    while samples.is_open:
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO rows (page) VALUES (?)", rows)
        connection.execute("COMMIT")
        samples.add(began, count=in_flight)
    return samples


def measure(path: Path, *, in_flight: int, seconds: float) -> Point:
    """Return rows per second, and the latencies of a transaction."""
    with closing(connect(path)) as connection:
        commit(connection, in_flight=in_flight, seconds=WARM_UP_SECONDS)
        return commit(connection, in_flight=in_flight, seconds=seconds).point(in_flight)


def main() -> None:
    """Print one point as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    path = given.directory / "rows.db"
    point = measure(path, in_flight=given.in_flight, seconds=given.seconds)
    print(json.dumps(asdict(point)))


if __name__ == "__main__":
    main()
