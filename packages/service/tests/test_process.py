"""How a process of ours ends, and what it writes."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import asyncio, logging, os, sys
from angzarr_bus import BusRefusedError
from angzarr_service import run_process
from angzarr_settings import LogSettings, SettingsError
from angzarr_store import FencedError, InvariantError, RefusedError, StoreIoError
from angzarr_telemetry import log_to_stdout

def read():
    if sys.argv[1] == "setting":
        raise SettingsError("store.kind is 'x'", "ANGZARR_STORE__KIND", "Make it sqlite.")
    return LogSettings()

async def die(error):
    raise error

async def serve(settings, system, stop):
    log_to_stdout(settings, component="order", kind="aggregate")
    log = logging.getLogger("angzarr.test")
    log.info("test.started", extra={"domain": "order", "unknown": 1})
    errors = {
        "refused": RefusedError("lock", "taken", "stop the other"),
        "login": BusRefusedError("bus.credentials", "nobody", "name a file"),
        "fenced": FencedError("Coordinator of domain order", 3),
        "io": StoreIoError("the store cannot be written: SQLITE_IOERR_FSYNC"),
        "invariant": InvariantError("head moved"),
        "bug": KeyError("x"),
    }
    how, _, where = sys.argv[1].partition("-")
    if how in errors and where == "task":
        system.tasks.start("worker", die(errors[how]))
        await asyncio.Event().wait()
    if how in errors:
        raise errors[how]
    if how == "callback":
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await stop.wait()
    log.info("test.drained")

run_process(read, serve)
"""


def run(how: str) -> tuple[int, list[dict[str, Any]], str]:
    """Return exit code, log lines and standard error of a process that ends by itself."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, how], capture_output=True, timeout=30, check=False
    )
    return done.returncode, [json.loads(it) for it in done.stdout.splitlines()], str(done.stderr)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("setting", 78),
        ("refused", 78),
        ("login", 78),
        ("fenced", 75),
        ("io", 74),
        ("invariant", 70),
        ("bug", 70),
        ("fenced-task", 75),
        ("io-task", 74),
        ("bug-task", 70),
        ("callback", 70),
    ],
)
def test_every_end_has_its_exit_code(how: str, code: int) -> None:
    """The table of reliability.md §12, whether the work itself or a task of it died."""
    assert run(how)[0] == code


def test_a_wrong_setting_is_a_sentence() -> None:
    """Value, origin and fix, without a traceback."""
    _, lines, error = run("setting")

    assert lines == []
    assert "store.kind is 'x' (ANGZARR_STORE__KIND). Make it sqlite." in error
    assert "Traceback" not in error


def test_a_refusal_is_a_line_without_a_traceback() -> None:
    """Whether a store or a bus may not be opened: the setting, its value and the fix."""
    ends = [run(how)[1][-1] for how in ("refused", "login")]

    assert [(it["event"], it["reason"]) for it in ends] == [
        ("process.refused", "lock is taken; stop the other"),
        ("process.refused", "bus.credentials is nobody; name a file"),
    ]
    assert not any("exception" in it for it in ends)


def test_a_line_is_an_object_with_known_fields() -> None:
    """Time, level, event, who, and the fields of the list; an error carries its traceback."""
    _, (started, failed), _ = run("bug-task")

    assert started.pop("timestamp").endswith("+00:00")
    assert started == {
        "level": "info",
        "event": "test.started",
        "component": "order",
        "kind": "aggregate",
        "domain": "order",
    }
    assert (failed["event"], failed["level"], failed["reason"]) == (
        "process.failed",
        "error",
        "worker",
    )
    assert failed["error"].endswith("KeyError: 'x'")


def test_sigterm_drains() -> None:
    """The work ends by itself and the exit code is 0."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, "run"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        last = json.loads(process.stdout.readline())
        code = process.wait(30)

    assert (first["event"], last["event"], code) == ("test.started", "test.drained", 0)
