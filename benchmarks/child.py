"""One measurement in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from errors import BenchError

PATIENCE_SECONDS = 300.0


def measure(script: str, *arguments: str) -> dict[str, Any]:
    """Return the JSON object that a script of this folder prints.

    Raises:
        BenchError: it fails or does not end; the text has its last line.
    """
    command = [sys.executable, str(Path(__file__).with_name(script)), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            command, capture_output=True, check=False, text=True, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{script} has not ended within {PATIENCE_SECONDS:.0f} s.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise BenchError(f"{script} failed: {last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
