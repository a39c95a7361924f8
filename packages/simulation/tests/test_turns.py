"""Order, time and the ends of simulated processes come from the seed alone."""

import asyncio

import pytest

from angzarr_simulation import (
    Chances,
    Dice,
    Network,
    Process,
    SimulatedLoop,
    StuckError,
    run,
    simulated_system,
)


async def passed(seconds: float) -> None:
    """Wait in virtual time."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over


async def raced(loop: SimulatedLoop) -> tuple[str, int]:
    """Return the order in which ten tasks ended, and the trace."""
    ended: list[str] = []

    async def work(name: str) -> None:
        await passed(loop.chance.random())
        ended.append(name)

    async with asyncio.TaskGroup() as group:
        for name in "abcdefghij":
            group.create_task(work(name))
    return "".join(ended), loop.trace


def test_a_seed_gives_one_order() -> None:
    """The same seed gives the same order and trace, another one others."""
    first, again, other = run(1, raced), run(1, raced), run(2, raced)

    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]


def test_time_jumps() -> None:
    """A year passes at once, and the clocks of a process say so."""

    async def scenario(loop: SimulatedLoop) -> tuple[float, float]:
        process = Process("p")
        reach = Network(loop, Dice(loop.chance, Chances(), lambda *_: None)).reach_of(process)
        clock = simulated_system(loop, process, reach, lambda *_: None).clock
        began, wall = clock.monotonic(), clock.now()
        await clock.sleep(365 * 86400)
        return clock.monotonic() - began, (clock.now() - wall).total_seconds()

    monotonic, wall = run(1, scenario)

    assert monotonic == pytest.approx(365 * 86400)
    assert wall == pytest.approx(365 * 86400)


def test_a_killed_process_does_nothing_more() -> None:
    """No line of it runs after the kill, not even the end of a block; a frozen one goes on."""
    done: list[str] = []

    async def live(name: str) -> None:
        try:
            await passed(1)
            done.append(name)
        finally:
            done.append(f"{name} ends")

    async def scenario(loop: SimulatedLoop) -> list[str]:
        killed, frozen = Process("killed"), Process("frozen")
        for process in (killed, frozen):
            loop.create_task(live(process.name), context=process.context)
        await passed(0.5)
        killed.kill()
        frozen.freeze()
        await passed(1)
        before = [*done]
        loop.thaw(frozen)
        await passed(0.1)
        return before + done

    assert run(1, scenario) == ["frozen", "frozen ends"]


def test_what_can_never_end_is_an_error() -> None:
    """Nobody is ready and nobody waits for a time."""

    async def scenario(_: SimulatedLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(StuckError, match="nobody waits"):
        run(1, scenario)


def test_nobody_is_reached_where_nobody_listens() -> None:
    """A connection is refused, and a fault strikes as often as its share says."""

    async def scenario(loop: SimulatedLoop) -> list[tuple[str, str]]:
        noted: list[tuple[str, str]] = []
        dice = Dice(loop.chance, Chances(drop=1.0), lambda *it: noted.append(it))
        with pytest.raises(ConnectionRefusedError):
            await Network(loop, dice).reach_of(Process("p")).connect("unix:/nowhere")
        assert dice.strikes("drop", "p")
        assert not dice.strikes("lose", "p")
        dice.chances.heal()
        assert not dice.strikes("drop", "p")
        return noted

    assert run(1, scenario) == [("drop", "p")]
