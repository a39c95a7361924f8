"""The real ports do what their contracts say."""

import asyncio
import gc
import threading
from datetime import UTC

import pytest

from angzarr_ports import System, real_system


@pytest.fixture
def died() -> list[tuple[str, BaseException]]:
    """Return what the ports report of dead tasks."""
    return []


@pytest.fixture
def system(died: list[tuple[str, BaseException]]) -> System:
    """Return the ports of this machine."""
    return real_system(lambda name, error: died.append((name, error)))


async def test_wall_time_is_utc_and_monotonic_time_never_goes_back(system: System) -> None:
    """now() is aware; monotonic() grows over a sleep by at least its length."""
    before = system.clock.monotonic()
    await system.clock.sleep(0.01)

    assert system.clock.now().tzinfo is UTC
    assert system.clock.monotonic() - before >= 0.009


async def test_chance_stays_in_its_bounds(system: System) -> None:
    """uniform() is within both ends and uuid4() does not repeat."""
    numbers = [system.randomness.uniform(2, 3) for _ in range(100)]

    assert min(numbers) >= 2
    assert max(numbers) <= 3
    assert len({system.randomness.uuid4() for _ in range(100)}) == 100


async def test_a_dead_task_is_reported(
    system: System, died: list[tuple[str, BaseException]]
) -> None:
    """The death of a background task reaches on_failure with its name and error."""

    async def fail() -> None:
        raise ValueError("gone")

    task = system.tasks.start("doomed", fail())
    await asyncio.wait([task])
    await system.tasks.aclose()

    assert [(name, str(error)) for name, error in died] == [("doomed", "gone")]


async def test_closing_ends_every_task(
    system: System, died: list[tuple[str, BaseException]]
) -> None:
    """aclose() cancels and waits; cancelling is no failure."""
    task = system.tasks.start("endless", asyncio.Event().wait())  # type: ignore[arg-type]
    await system.tasks.aclose()

    assert task.cancelled()
    assert died == []


async def test_a_worker_runs_in_order_on_one_thread(system: System) -> None:
    """Functions run one after the other on the thread that bears the worker's name."""
    worker = system.threads.worker("only")
    seen: list[tuple[int, str]] = []

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            note = (number, threading.current_thread)
            group.create_task(worker.call(lambda n=note: seen.append((n[0], n[1]().name))))
    await worker.aclose()

    assert seen == [(number, "only_0") for number in range(5)]


async def test_cancelling_the_caller_does_not_stop_the_function(system: System) -> None:
    """A function that runs goes on to its end."""
    worker = system.threads.worker("only")
    release, ended = threading.Event(), threading.Event()
    call = asyncio.ensure_future(worker.call(lambda: (release.wait(5), ended.set())))
    await asyncio.wait([call], timeout=0.05)
    call.cancel()
    release.set()
    await worker.aclose()

    assert ended.is_set()


async def test_the_error_of_an_abandoned_function_is_nobodys(system: System) -> None:
    """A caller who was cancelled leaves nothing to the handler of the loop, which ends a process.

    Who waits hears the error.
    """
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    worker, release = system.threads.worker("only"), threading.Event()

    def fail() -> None:
        release.wait(5)
        raise ValueError("gone")

    call = asyncio.ensure_future(worker.call(fail))
    await asyncio.wait([call], timeout=0)
    call.cancel()
    release.set()
    with pytest.raises(ValueError, match="gone"):
        await worker.call(fail)
    gc.collect()
    await worker.aclose()

    assert (call.cancelled(), heard) == (True, [])
