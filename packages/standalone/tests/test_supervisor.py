"""Processes are started in order, kept running, and stopped."""

import asyncio
import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from angzarr_settings import SettingsError
from angzarr_standalone import RunningError, StartError, State
from angzarr_telemetry import checks_of, get, samples_of

VIOLATIONS = "angzarr_invariant_violation_total"

pytestmark = pytest.mark.timeout(60)


def marked(directory: Path) -> list[int]:
    """Return the processes that were started from a directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if b"SUPERVISED_BY=" in data and str(directory).encode() in data:
            found.append(int(path.parts[2]))
    return found


async def test_everything_runs_when_the_project_is_ready(run: Any) -> None:
    """Logic, coordinators and gateway are running, in this order, with what they are."""
    status = await (await run("order", "cart")).ready()

    assert [(it.name, it.state) for it in status.processes] == [
        ("order", State.RUNNING),
        ("cart", State.RUNNING),
        ("coordinator-order", State.RUNNING),
        ("coordinator-cart", State.RUNNING),
        ("stream", State.RUNNING),
        ("topology", State.RUNNING),
        ("gateway", State.RUNNING),
    ]
    assert [(it.name, it.kind, it.domain) for it in status.components] == [
        ("order", "aggregate", "order"),
        ("cart", "aggregate", "cart"),
    ]


async def test_health_and_metrics_are_those_of_every_process(run: Any) -> None:
    """Ready while all are; one that hangs is named; its metrics are those of its component."""
    running = await run("order")
    status = await running.ready()
    ready, body = await get(status.monitoring, "/readyz", timeout_seconds=10)
    _, text = await get(status.monitoring, "/metrics", timeout_seconds=10)
    pid = (await running.state("coordinator-order")).pid
    os.kill(pid, signal.SIGSTOP)
    hanging, told = await get(status.monitoring, "/readyz", timeout_seconds=10)
    os.kill(pid, signal.SIGCONT)

    seen = {(it.name, it.labels["component"]) for it in samples_of(text.decode())}
    assert (ready, checks_of(body)) == (
        200,
        {"order": "", "coordinator-order": "", "stream": "", "topology": "", "gateway": ""},
    )
    assert {("angzarr_tasks", name) for name in ("order", "gateway", "supervisor")} <= seen
    assert (hanging, checks_of(told)["coordinator-order"] != "") == (503, True)


async def test_a_violated_invariant_is_counted(run: Any, place: Path) -> None:
    """A coordinator that finds its log damaged ends with 70, and the supervisor keeps count."""
    running = await run("order")
    status = await running.ready()
    await asyncio.to_thread(damage, place / ".angzarr/store/order.db")
    os.kill((await running.state("coordinator-order")).pid, signal.SIGKILL)
    await running.until(lambda: "exited 70" in str(running.heard.told("coordinator-order")))

    _, text = await get(status.monitoring, "/metrics", timeout_seconds=10)

    counted = {it.labels["component"] for it in samples_of(text.decode()) if it.name == VIOLATIONS}
    assert counted == {"coordinator-order"}


def damage(database: Path) -> None:
    """Put an event into the log whose digest is wrong."""
    connection = sqlite3.connect(database, isolation_level=None)
    values = "'order', 1, 'angzarr', zeroblob(16), 0, 'c', 'c', 't', x'00', x'00', x'00'"
    connection.execute(f"INSERT INTO events VALUES ({values})")  # noqa: S608 - a constant
    connection.execute("UPDATE head SET position = 1")
    connection.close()


async def test_after_the_stop_nothing_is_left(run: Any, place: Path) -> None:
    """No process, no socket, no lock."""
    running = await run("order")
    await running.ready()
    before = await asyncio.to_thread(marked, place)
    running.stop.set()
    async with asyncio.timeout(20):
        await running.task

    assert len(before) == 5
    assert await asyncio.to_thread(marked, place) == []
    assert not await asyncio.to_thread((place / "run").exists)


async def test_a_killed_process_runs_again(run: Any) -> None:
    """Its death and the restart are told, its siblings stay."""
    running = await run("order")
    await running.ready()
    before = [await running.state(name) for name in ("order", "coordinator-order")]
    os.kill(before[0].pid, signal.SIGKILL)
    await running.until(lambda: running.heard.failures)
    await running.until_state("order", State.RUNNING)

    after = [await running.state(name) for name in ("order", "coordinator-order")]
    assert "was killed by SIGKILL, restart 1 of 5 in" in running.heard.told("order")[0]
    assert (after[0].restarts, after[0].pid != before[0].pid) == (1, True)
    assert after[1].pid == before[1].pid


async def test_a_process_that_dies_again_and_again_is_given_up(run: Any, place: Path) -> None:
    """Five deaths within five minutes are a crash, and the others go on."""
    running = await run("order")
    await running.ready()
    await asyncio.to_thread((place / "order.exit").write_text, "3")
    os.kill((await running.state("order")).pid, signal.SIGKILL)
    await running.until_state("order", State.CRASHED)

    assert "exited 3, 5 times in 5 minutes" in running.heard.told("order")
    assert (await running.state("coordinator-order")).state is State.RUNNING


async def test_a_process_that_refuses_to_run_is_left_alone(run: Any, place: Path) -> None:
    """Exit code 78 is not tried again."""
    running = await run("order")
    await running.ready()
    await asyncio.to_thread((place / "order.exit").write_text, "78")
    os.kill((await running.state("order")).pid, signal.SIGKILL)
    await running.until_state("order", State.REFUSED)

    assert (await running.state("order")).restarts == 1


async def test_a_process_that_does_not_answer_is_killed(run: Any) -> None:
    """Three missed heartbeats end a stopped process; another one takes its place."""
    running = await run("order")
    await running.ready()
    before = (await running.state("order")).pid
    os.kill(before, signal.SIGSTOP)
    await running.until(lambda: running.heard.told("order"))
    await running.until_state("order", State.RUNNING)

    assert (await running.state("order")).pid != before


async def test_a_failed_start_stops_what_was_started(run: Any, place: Path) -> None:
    """The error names the process, how it ended and what it printed."""
    await asyncio.to_thread((place / "cart.exit").write_text, "5")
    running = await run("order", "cart")
    with pytest.raises(StartError, match="cart exited 5"):
        await running.task

    assert running.heard.status is None
    assert await asyncio.to_thread(marked, place) == []


async def test_stopping_does_not_wait_for_a_start(run: Any, place: Path) -> None:
    """Ctrl-C while a process is not yet healthy ends the start at once."""
    slow = place / "slow.py"
    await asyncio.to_thread(slow.write_text, "import time\ntime.sleep(60)\n")
    running = await run(more=f"  slow: {{kind: aggregate, run: [python, {slow}, {place}/slow]}}")
    await running.until_state("slow", State.STARTING)
    running.stop.set()
    async with asyncio.timeout(10):
        await running.task

    assert running.heard.status is None


async def test_a_project_runs_once(run: Any) -> None:
    """The second supervisor names the first."""
    await (await run("order")).ready()
    second = await run("order")
    with pytest.raises(RunningError, match=f"process {os.getpid()}"):
        await second.task


async def test_a_component_that_says_nothing_is_refused(run: Any, place: Path) -> None:
    """Without descriptor and without a kind in the file nobody knows what it is."""
    logic = place / "logic.py"
    more = f"  thing: {{run: [python, {logic}, {place}/thing]}}"
    running = await run(more=more)
    with pytest.raises(SettingsError, match="thing has no kind: its descriptor did not answer"):
        await running.task
