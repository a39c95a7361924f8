"""What becomes of a log line."""

import json
import subprocess
import sys


def test_a_reader_that_does_not_keep_up_costs_lines_not_time() -> None:
    """A full pipe drops lines; those that come are whole."""
    program = """
import logging
from angzarr_settings import LogSettings
from angzarr_telemetry import log_to_stdout
log_to_stdout(LogSettings(), component="order", kind="aggregate")
for number in range(5000):
    logging.getLogger("x").info("test.line", extra={"reason": "y" * 100})
import sys
sys.stderr.write("done")
sys.stderr.flush()
sys.stdin.read()
"""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        written = process.stderr.read(4)
        out, _ = process.communicate(timeout=30)

    lines = [json.loads(line) for line in out.splitlines()]
    assert written == b"done"
    assert 0 < len(lines) < 5000
