"""The commands against answers that a test gives."""

import asyncio
import json
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner, Result

from angzarr.rebuild_pb2 import RebuildComparison, RebuildState, RebuildStatus
from angzarr_ports import SystemClock
from angzarr_rebuilds import projector
from angzarr_rebuilds._progress import Progress
from angzarr_terminal import UNAVAILABLE, CliError, Format, errors_as_exit_codes

NAME = "view"
NONE = RebuildState.REBUILD_STATE_UNSPECIFIED
REBUILDING = RebuildState.REBUILD_STATE_REBUILDING
SWITCHING = RebuildState.REBUILD_STATE_SWITCHING


def status(done: int = 0, total: int = 0, **more: Any) -> RebuildStatus:
    """Return how far a rebuild has come that began this second."""
    found = RebuildStatus(component=NAME, state=REBUILDING, done=done, total=total, rate=21300.4)
    found.started_at.FromDatetime(SystemClock().now())
    found.eta_seconds = (total - done) / found.rate
    found.MergeFrom(RebuildStatus(**more))
    return found


@dataclass
class Session:
    """The options of the tool, and what its gateway answers, one after the other."""

    answers: list[Any]
    form: Format = Format.TABLE
    timeout_seconds: float = 5.0
    asked: list[tuple[str, int]] = field(default_factory=list)
    interrupt: Callable[[], None] = lambda: None

    def run(self, work: Coroutine[object, object, Any]) -> Any:
        """Run a command."""
        with errors_as_exit_codes(self.form, debug=False):
            return asyncio.run(work)

    async def call(self, method: Any, request: Any) -> Any:
        """Return the next answer; the last one stays."""
        assert request.component == NAME
        self.asked.append((method.name, getattr(request, "from_position", 0)))
        self.interrupt()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, CliError):
            raise answer
        return answer


def said(session: Session, *words: str) -> Result:
    """Return what a command writes."""
    return CliRunner().invoke(projector, words, obj=session)


def test_a_rebuild_is_followed_to_what_the_live_version_had() -> None:
    """While events come in it ends all the same; the next step is to compare."""
    away = CliError(UNAVAILABLE, "away")
    session = Session([status(0, 9), status(5, 11), away, status(11, 14)])

    found = said(session, "rebuild", NAME, "--from", "3")

    assert found.exit_code == 0
    assert found.stdout == (
        "rebuilding beside the live version (still serving)   Ctrl-C detaches\n"
        "rebuilt 11 events in 2 s, 0 parked\n"
    )
    assert found.stderr == f"next: angzarr projector compare {NAME}\n"
    assert session.asked == [("Begin", 3), *[("Get", 0)] * 3]


def test_programs_get_an_object_every_second() -> None:
    """With counts as texts and numbers, the last one included."""
    session = Session([status(0, 9), status(9, 9, parked=1)], form=Format.JSONL)

    lines = [json.loads(line) for line in said(session, "rebuild", NAME).stdout.splitlines()]

    assert [(it["done"], it["total"], it["parked"]) for it in lines] == [
        ("0", "9", 0),
        ("9", "9", 1),
    ]
    assert set(lines[0]) >= {"done", "total", "rate", "eta_seconds", "parked", "state"}
    assert lines[0]["state"] == "rebuilding"


def test_a_document_has_the_end_only() -> None:
    """One object in one list."""
    session = Session([status(0, 9), status(9, 9)], form=Format.JSON)

    found = json.loads(said(session, "rebuild", NAME).stdout)

    assert found["schema"] == "angzarr.cli.projector_rebuild/1"
    assert [it["done"] for it in found["items"]] == ["9"]


def test_ctrl_c_detaches() -> None:
    """The rebuild goes on; how to come back and how to give it up is told."""
    session = Session([status(0, 9)])
    session.interrupt = lambda: signal.raise_signal(signal.SIGINT) if session.asked[1:] else None

    found = said(session, "rebuild", NAME)

    assert found.exit_code == 130
    assert found.stderr == (
        "\ndetached; the rebuild goes on.\n"
        f"next: angzarr projector rebuild {NAME}\n"
        f"      angzarr projector cancel {NAME}\n"
    )


def test_a_rebuild_that_somebody_ended_is_told() -> None:
    """Another operator has switched, or cancelled."""
    session = Session([status(0, 9), RebuildStatus(component=NAME)])

    assert said(session, "rebuild", NAME).stdout.endswith(f"the rebuild of {NAME} has ended\n")


def test_a_coordinator_that_stays_away_ends_the_command() -> None:
    """After the time that the operator gives it."""
    session = Session([status(0, 9), CliError(UNAVAILABLE, "away")], timeout_seconds=0.0)

    found = said(session, "rebuild", NAME)

    assert (found.exit_code, found.stderr) == (UNAVAILABLE, "away\n")


def test_equal_versions_may_be_switched() -> None:
    """The numbers in one line, and the next step."""
    session = Session([RebuildComparison(equal=1204)])

    found = said(session, "compare", NAME)

    assert (found.exit_code, found.stderr) == (0, f"next: angzarr projector switch {NAME}\n")
    line = "1,204 equal, 0 different, 0 behind, 0 only live, 0 only rebuilt\n"
    assert found.stdout == line


def test_versions_that_differ_are_shown() -> None:
    """Exit 10, with the first roots; data has all of it."""
    compared = RebuildComparison(equal=1, different=1, only_live=1)
    for rebuilt in (4, None):
        it = compared.differences.add(live_sequence=4, rebuilt_sequence=rebuilt)
        it.cover.address("order", bytes(16))

    found = said(Session([compared]), "compare", NAME)
    data = said(Session([compared], form=Format.JSON), "compare", NAME)

    rows = [line.split("\t") for line in found.stdout.splitlines()[1:]]
    (item,) = json.loads(data.stdout)["items"]
    assert (found.exit_code, data.exit_code) == (10, 10)
    assert [row[0::2] for row in rows] == [["order", "4"], ["order", "4"]]
    assert [row[3] for row in rows] == ["4", "-"]
    assert found.stderr == f"next: angzarr projector cancel {NAME}\n"
    assert (item["equal"], item["different"], item["only_live"]) == ("1", "1", "1")
    assert [it["rebuilt_sequence"] for it in item["differences"]] == [4, None]


def test_a_switch_is_waited_for() -> None:
    """However long it takes."""
    session = Session([status(state=SWITCHING), status(state=SWITCHING), RebuildStatus()])

    found = said(session, "switch", NAME)

    text = f"switched; the rebuilt version of {NAME} is live\n"
    assert (found.exit_code, found.stdout) == (0, text)


def test_a_switch_without_an_answer_is_looked_after() -> None:
    """It is asked for again if it has not begun; what has ended needs no other question."""
    away = CliError(UNAVAILABLE, "away")
    session = Session([away, status(9, 9), away, status(state=SWITCHING), RebuildStatus()])

    found = said(session, "switch", NAME)

    assert found.exit_code == 0
    assert [it for it, _ in session.asked] == ["Switch", "Get", "Switch", "Get", "Get"]


def test_a_switch_that_nobody_answers_ends() -> None:
    """After the time that the operator gives it."""
    session = Session([CliError(UNAVAILABLE, "away")], timeout_seconds=0.0)

    assert said(session, "switch", NAME).exit_code == UNAVAILABLE


def test_a_switch_that_did_not_happen_says_why() -> None:
    """The live version goes on."""
    session = Session([status(state=SWITCHING), status(9, 9, parked=2)])

    found = said(session, "switch", NAME)

    assert found.exit_code == 10
    assert found.stderr == (
        f"{NAME} was not switched: 2 events are parked.\nnext: angzarr projector compare {NAME}\n"
    )


def test_a_rebuild_is_given_up() -> None:
    """And nothing else changes."""
    found = said(Session([RebuildStatus(component=NAME)]), "cancel", NAME)

    text = f"cancelled; the live version of {NAME} goes on\n"
    assert (found.exit_code, found.stdout) == (0, text)


class Ticking(SystemClock):
    """A clock that moves with every look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        """Return four seconds more than before."""
        self.seconds += 4.0
        return self.seconds


@pytest.mark.parametrize(
    ("is_terminal", "text"),
    [
        (False, " 412,000 / 1,204,511 events   34 %   21,300/s   eta 37 s   0 parked\n" * 2),
        (True, " 412,000 / 1,204,511 events   34 %   21,300/s   eta 37 s   0 parked"),
    ],
)
def test_progress_is_a_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    is_terminal: bool,  # noqa: FBT001 - a parameter of a test
    text: str,
) -> None:
    """A terminal's is drawn again; without one there is a line every ten seconds."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    shown = Progress(Format.TABLE, Ticking())
    for _ in range(7):
        shown.show(status(412_000, 1_204_511))
    shown.leave()

    found = capsys.readouterr().out
    if is_terminal:
        assert found == f"\r{text:<79}" * 7 + "\n"
    else:
        assert found == text
