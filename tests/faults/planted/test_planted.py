"""S17: every planted bug is caught by its suite."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .registry import REGISTRY, Planted

FAULTS = Path(__file__).parents[1]
ROOT = FAULTS.parents[1]
CHOSEN = 3
BUDGET_SECONDS = 120


def _rotated() -> list[Planted]:
    """Return a few bugs, others with every commit."""
    told = subprocess.run(  # noqa: S603 - git of the developer
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"],  # noqa: S607 - git of the developer
        capture_output=True,
        check=False,
    )
    sure = [bug for bug in REGISTRY if not bug.by_chance]
    start = int(told.stdout[:8] or b"0", 16) % len(sure)
    return [*sure[start:], *sure[:start]][:CHOSEN]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the bugs of this run."""
    every = bool(metafunc.config.getoption("--all-planted", default=False))
    if "bug" in metafunc.fixturenames:
        bugs = list(REGISTRY) if every else _rotated()
        metafunc.parametrize("bug", bugs, ids=[bug.number for bug in bugs])


def test_every_module_is_registered() -> None:
    """A bug that no suite must catch is no bug."""
    modules = {path.stem.upper() for path in Path(__file__).parent.glob("b[0-9]*.py")}

    assert modules == {bug.number for bug in REGISTRY}


@pytest.mark.timeout(BUDGET_SECONDS + 10)
async def test_a_planted_bug_is_caught(bug: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    """The suite fails with the sign of its bug, within its budget."""
    is_ours = not bug.test.startswith("tests/")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
        *(() if is_ours else ("-p", "tests.faults.conftest")),
        *(f"--plant={bug.number}", str(FAULTS / bug.test if is_ours else ROOT / bug.test)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=dict(os.environ),
    )
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:  # its own fixtures end what it has started
            process.send_signal(signal.SIGINT)
            await process.wait()
    text = told.decode(errors="replace")

    assert (process.returncode, bool(re.search(bug.sign, text))) == (1, True), text[-3000:]
    with capsys.disabled():
        print(f"{bug.number} caught by {bug.suite}")  # noqa: T201 - the report of this suite
