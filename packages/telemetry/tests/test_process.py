"""What a process measures of itself, and the end of one whose loop stands still."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace

from angzarr_ports import System, SystemClock, real_system
from angzarr_telemetry import sample_process

PROGRAM = """
import asyncio, sys, time
from angzarr_telemetry import Watchdog, end_with_stacks

async def main():
    Watchdog(asyncio.get_running_loop(), end_with_stacks).start()
    print("watched", flush=True)
    if sys.argv[1] == "stall":
        time.sleep(60)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


class Slow(SystemClock):
    """A clock on which every wait takes a tenth of a second more."""

    async def sleep(self, seconds: float) -> None:
        """Wait for longer than asked."""
        await super().sleep(seconds / 10 + 0.1)

    def monotonic(self) -> float:
        """Return a time that passes ten times faster."""
        return super().monotonic() * 10


async def test_a_process_measures_itself() -> None:
    """Version, tasks, threads, descriptors, and how long its loop stood."""
    system: System = replace(real_system(print), clock=Slow())
    task = system.tasks.start("sample", sample_process(system))

    async with asyncio.timeout(20):
        while len(found := {it.metric.name: it.series for it in system.metrics.collect()}) < 5:
            await SystemClock().sleep(0.02)
    task.cancel()
    await system.tasks.aclose()

    assert set(found) == {
        "angzarr_build_info",
        "angzarr_loop_stall_seconds",
        "angzarr_open_fds",
        "angzarr_tasks",
        "angzarr_threads",
    }
    assert found["angzarr_build_info"] == {("0.1.0",): 1}


def test_a_loop_that_stands_still_ends_the_process() -> None:
    """After five seconds it writes its stacks and exits with 70."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, "stall"], capture_output=True, timeout=25, check=False
    )

    assert done.returncode == 70
    assert b"in main" in done.stderr


def test_a_process_that_was_stopped_goes_on() -> None:
    """Time in which the watchdog itself did not run is no stall of the loop."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        subprocess.run(["/bin/sleep", "7"], check=True)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=20)

    assert process.returncode == 0
