"""One group after the other, and nobody waits for a writer that has ended."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from typing_extensions import override

from angzarr_ports import System, real_system
from angzarr_store import (
    InvariantError,
    OverloadedError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_tables import Pending, Probe, Writer, _writer


class ScriptedWriter(Writer):
    """Answers each group with what comes next: an error is raised, a list holds the answers."""

    def __init__(self, system: System, *script: object) -> None:
        super().__init__("writer", system)
        self.script = list(script)
        self.groups: list[int] = []
        self.is_ready = True
        self.has_ended = False

    @override
    async def _store(self, group: Sequence[Pending[Any]]) -> Sequence[object]:
        self.groups.append(len(group))
        answer = self.script.pop(0) if self.script else None
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, list) else [answer] * len(group)

    @override
    async def _is_ready(self) -> bool:
        return self.is_ready

    @override
    async def _end(self) -> None:
        self.has_ended = True


@pytest.fixture
def mortal() -> System:
    """Return ports whose tasks may die."""
    return real_system(lambda _name, _error: None)


async def test_what_waits_is_one_group(system: System) -> None:
    """While one is executed the next gathers; closing waits for all of it."""
    writer = ScriptedWriter(system)

    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(writer.execute(Probe()))
    await writer.aclose()

    assert writer.groups == [5]
    assert writer.has_ended


@pytest.mark.parametrize("error", [StoreFullError("Store is full"), StoreUnavailableError("gone")])
async def test_nothing_is_tried_while_nothing_can_be_stored(
    system: System, monkeypatch: pytest.MonkeyPatch, error: StoreUnavailableError
) -> None:
    """Callers hear why, each by an error of its own; afterwards it goes on."""
    monkeypatch.setattr(_writer, "PROBE_SECONDS", 0.01)
    writer = ScriptedWriter(system, error)
    writer.is_ready = False

    for _ in range(2):
        with pytest.raises(type(error), match=error.why) as caught:
            await writer.execute(Probe())
        assert caught.value is not error
    writer.is_ready = True
    async with asyncio.timeout(5):
        while writer._why_not:  # noqa: SLF001
            await system.clock.sleep(0.01)
    await writer.execute(Probe())
    await writer.aclose()

    assert writer.groups == [1, 1]


async def test_what_may_be_stored_is_told_so(system: System) -> None:
    """Only to those who were part of it."""
    error = UnknownOutcomeError("")
    error.__cause__ = StoreUnavailableError("gone")
    writer = ScriptedWriter(system, error)

    with pytest.raises(UnknownOutcomeError):
        await writer.execute(Probe())
    with pytest.raises(StoreUnavailableError, match="gone"):
        await writer.execute(Probe())

    await writer.aclose()


@pytest.mark.parametrize("error", [InvariantError("impossible"), KeyError("a bug")])
async def test_nobody_waits_for_a_writer_that_ended(mortal: System, error: Exception) -> None:
    """Whatever it ended of; its database is not touched again."""
    writer = ScriptedWriter(mortal, error)

    with pytest.raises(UnknownOutcomeError):
        await writer.execute(Probe())
    with pytest.raises(StoreUnavailableError, match="has stopped"):
        await writer.execute(Probe())
    await writer.aclose()

    assert not writer.has_ended


async def test_one_answer_may_be_unknown(system: System) -> None:
    """What cannot be told of one operation is raised to who asked."""
    writer = ScriptedWriter(system, [UnknownOutcomeError("")])

    with pytest.raises(UnknownOutcomeError):
        await writer.execute(Probe())

    await writer.aclose()


async def test_a_full_queue_refuses_at_once(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It neither grows nor waits."""
    monkeypatch.setattr(_writer, "QUEUE_BATCHES", 2)
    writer = ScriptedWriter(system)
    asked = [asyncio.ensure_future(writer.execute(Probe())) for _ in range(3)]
    await asyncio.wait(asked)

    assert [type(task.exception()) for task in asked] == [type(None)] * 2 + [OverloadedError]
    await writer.aclose()
