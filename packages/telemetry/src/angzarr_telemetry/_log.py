"""Log lines on standard output: JSON for programs, words for a terminal (operations.md §4).

A line is one call of `logging`: the message is a constant such as "delivery.parked", everything
else comes by `extra` under one of the names in FIELDS.
"""

import json
import logging
import os
import stat
import sys
from datetime import UTC, datetime

from typing_extensions import override

from angzarr_settings import LogSettings

FIELDS = (
    "domain",
    "edition",
    "root",
    "sequence",
    "position",
    "command",
    "events",
    "command_id",
    "correlation_id",
    "attempt",
    "outcome",
    "reason",
    "seconds",
    "incident",
)


def log_to_stdout(settings: LogSettings, *, component: str, kind: str) -> None:
    """Send every log line of this process to standard output."""
    console = settings.format == "console" or (not settings.format and sys.stdout.isatty())
    handler = LineHandler(sys.stdout.fileno())
    handler.setFormatter(ConsoleFormatter() if console else JsonFormatter(component, kind))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    for costly in ("logThreads", "logMultiprocessing", "logProcesses", "logAsyncioTasks"):
        setattr(logging, costly, False)
    logging._srcfile = None  # noqa: SLF001 - documented: callers are not looked up


class JsonFormatter(logging.Formatter):
    """One object per line; fields that are not known are left out."""

    def __init__(self, component: str, kind: str) -> None:
        super().__init__()
        self._who = {"component": component, "kind": kind}

    @override
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"timestamp": time, "level": record.levelname.lower(), "event": record.getMessage()}
        plain: dict[str, object] = {**line, **self._who, **fields_of(record)}
        if record.exc_info:
            plain["error"] = self.formatException(record.exc_info)
        return json.dumps(plain)


class ConsoleFormatter(logging.Formatter):
    """Time, level, event, and the fields as NAME=VALUE."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        named = [f"{name}={printable(value)}" for name, value in fields_of(record).items()]
        line = " ".join([time, record.levelname.lower(), record.getMessage(), *named])
        if record.exc_info:
            trace = self.formatException(record.exc_info).split("\n")
            return "\n".join([line, *map(printable, trace)])
        return line


class LineHandler(logging.Handler):
    """Writes whole lines; a reader that does not keep up loses lines, never anybody's time."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = _unblocking(descriptor)
        self._torn = False
        self.dropped = 0

    @override
    def emit(self, record: logging.LogRecord) -> None:
        line = f"{self.format(record)}\n".encode()
        if self._torn:
            line = b"\n" + line
        try:
            self._torn = os.write(self._descriptor, line) < len(line)
        except OSError:
            self.dropped += 1


def printable(value: object) -> str:
    """Return a text as one line that no terminal takes for a command."""
    return "".join(it if it.isprintable() else ascii(it)[1:-1] for it in str(value))


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the known fields that a line carries."""
    return {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}


def _unblocking(descriptor: int) -> int:
    """Return a pipe opened anew: when it is full, lines are dropped, but `print` still waits."""
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        return descriptor
    try:
        return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return descriptor
