"""The rules are in a file, which may change."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from angzarr import rpc
from angzarr.types_pb2 import Cover, Query
from angzarr_access import Rules, open_access
from angzarr_ports import System, SystemClock
from angzarr_store import RefusedError

READ = rpc.EventQuery.GetEventBook.path
ORDER = Query(cover=Cover(domain="order"))
GOOD = "access: [{identity: saga, domains: [order], classes: [read, component]}]"
OTHER = "access: [{identity: view, domains: ['*'], classes: [read]}]"


class Looks(SystemClock):
    """A clock whose sleeper wakes when a test wants it to look."""

    def __init__(self) -> None:
        self._asleep = asyncio.Condition()
        self._sleepers = 0
        self._woken = asyncio.Event()

    @override
    async def sleep(self, seconds: float) -> None:
        async with self._asleep:
            self._sleepers += 1
            self._asleep.notify_all()
        await self._woken.wait()
        self._woken.clear()

    async def look(self) -> None:
        """Return when the sleeper has looked once more and sleeps again."""
        async with asyncio.timeout(10), self._asleep:
            await self._asleep.wait_for(lambda: self._sleepers)
            before = self._sleepers
            self._woken.set()
            await self._asleep.wait_for(lambda: self._sleepers > before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a good rule."""
    path = tmp_path / "access.yaml"
    path.touch(0o600)
    path.write_text(GOOD, encoding="utf-8")
    return path


async def test_rules_are_read(file: Path, system: System) -> None:
    """Identity, domains and classes are those of the file."""
    rules = await open_access(str(file), system)

    assert rules.lacking("saga", READ, ORDER) == ""
    assert rules.lacking("view", READ, ORDER) == "class read on domain order"


WRONG = {
    "access: []": "without a rule; say who may call what",
    "access:": "without a rule; say who may call what",
    "rules: []": "not one list; begin with `access:`",
    "[1]": "not one list; begin with `access:`",
    "a: [": "not to be read; write YAML",
    "access: [saga]": "where 'saga' is not {identity, domains, classes}; correct it",
    "access: [{identity: a, domains: [b]}]": (
        "where {'identity': 'a', 'domains': ['b']} is not {identity, domains, classes}; correct it"
    ),
    "access: [{identity: a, domains: [b], classes: [write]}]": (
        "where 'write' is none of the classes open, command, read, speculate, operate, component; "
        "correct it"
    ),
    "access: [{identity: a, domains: b, classes: [read]}]": (
        "where domains is 'b', not a list of names; correct it"
    ),
    "access: [{identity: a, domains: [b], classes: []}]": (
        "where classes is [], not a list of names; correct it"
    ),
    "access: [{identity: '*', domains: [b], classes: [read]}]": (
        "where '*' is no name; correct it"
    ),
    "access: [{identity: a, domains: [1], classes: [read]}]": "where 1 is no name; correct it",
}


@pytest.fixture(params=WRONG, ids=list(WRONG))
def wrong(request: pytest.FixtureRequest, file: Path) -> str:
    """Put something into the file that is no list of rules, and return why."""
    file.write_text(request.param, encoding="utf-8")
    return WRONG[request.param]


async def refusal(file: Path, system: System) -> str:
    """Return why a file is refused."""
    with pytest.raises(RefusedError) as caught:
        await open_access(str(file), system)
    return str(caught.value)


async def test_what_cannot_be_meant_is_refused(wrong: str, file: Path, system: System) -> None:
    """The file, what is wrong in it and what to do are named."""
    assert await refusal(file, system) == f"access is {file}, {wrong}"


@pytest.mark.parametrize("mode", [0o620, 0o602])
async def test_what_others_may_write_is_refused(mode: int, file: Path, system: System) -> None:
    """Whoever writes the rules is entitled to everything."""
    await asyncio.to_thread(file.chmod, mode)

    text = await refusal(file, system)

    assert text.startswith(f"access is {file}, of mode {mode:o} of user ")


async def test_a_file_that_is_missing_is_refused(tmp_path: Path, system: System) -> None:
    """Without rules nothing starts."""
    text = await refusal(tmp_path / "none", system)

    what = f"{tmp_path / 'none'}, No such file or directory"
    assert text == f"access is {what}; name a file of this user"


async def changed(file: Path, text: str, clock: Looks) -> None:
    """Replace what the file says, and wait until it has been looked at."""
    await asyncio.to_thread(file.write_text, text, encoding="utf-8")
    await clock.look()


def may(rules: Rules) -> list[str]:
    """Return who may read orders."""
    return [it for it in ("saga", "view") if not rules.lacking(it, READ, ORDER)]


async def test_a_change_is_followed(
    file: Path, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule that is gone is a right that is gone; one that cannot be meant changes nothing."""
    caplog.set_level(logging.INFO)
    clock = Looks()
    rules = await open_access(str(file), replace(system, clock=clock))
    found = [may(rules)]
    for text in (OTHER, "access: []", "access: []", GOOD):
        await changed(file, text, clock)
        found.append(may(rules))
    await clock.look()
    await asyncio.to_thread(file.unlink)
    await clock.look()
    found.append(may(rules))

    assert found == [["saga"], ["view"], ["view"], ["view"], ["saga"], ["saga"]]
    assert [(it.getMessage(), getattr(it, "reason", "")) for it in caplog.records] == [
        ("access.renewed", ""),
        ("access.refused", f"access is {file}, without a rule; say who may call what"),
        ("access.renewed", ""),
        (
            "access.refused",
            f"access is {file}, No such file or directory; name a file of this user",
        ),
    ]
