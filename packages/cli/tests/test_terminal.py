"""What `angzarr up` writes: the banner, a line per command, a block per failure."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from angzarr_cli._terminal import Terminal, explained
from angzarr_ports import SystemClock
from angzarr_standalone import ComponentStatus, InterestStatus, Status


class Noon(SystemClock):
    """A clock that stands still."""

    def now(self) -> datetime:
        """Return noon."""
        return datetime(2026, 1, 2, 12, 4, 1, tzinfo=UTC)


def status(*components: ComponentStatus) -> Status:
    """Return a running shop."""
    return Status(
        project="shop",
        pid=1,
        gateway="127.0.0.1:9084",
        monitoring="127.0.0.1:9085",
        topology="127.0.0.1:9099",
        store=".angzarr/store",
        logs=".angzarr/logs",
        processes=(),
        components=components,
    )


def component(name: str, kind: str, domain: str, *types: str) -> ComponentStatus:
    """Return a component with one input."""
    inputs = (InterestStatus(domain=domain, types=types),)
    return ComponentStatus(name=name, kind=kind, domain="", inputs=inputs, outputs=())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal whose times are UTC."""
    monkeypatch.setenv("TZ", "UTC")
    return Terminal(Noon(), quiet=False)


def command(**told: Any) -> str:
    """Return the log line of a command."""
    line = {"domain": "order", "command": "CreateOrder", "root": "7f3a2c91", "seconds": 0.0041}
    return json.dumps({"event": "command.accepted", **line, **told})


def test_the_banner_says_where_everything_is(terminal: Terminal, capsys: Any) -> None:
    """Components with what they take or read, then where everything is, and the time it took."""
    names = [f"examples.Command{letter}" for letter in "ABCDE"]
    aggregate = component("order", "aggregate", "order", *names)
    saga = component("saga-order-inventory", "saga", "order", "examples.OrderCreated")

    terminal.ready(status(aggregate, saga), 1.64)

    assert capsys.readouterr().out == (
        "angzarr 0.1.0   shop   2 components\n"
        "\n"
        "  order                 aggregate  <- CommandA, CommandB, CommandC +2 more\n"
        "  saga-order-inventory  saga       <- order\n"
        "\n"
        "  Gateway     127.0.0.1:9084        grpcurl -plaintext 127.0.0.1:9084 list\n"
        "  Topology    http://127.0.0.1:9099\n"
        "  Monitoring  http://127.0.0.1:9085/metrics\n"
        "  Store       .angzarr/store        every commit synced\n"
        "  Logs        .angzarr/logs         angzarr logs -f\n"
        "  Ready in 1.6 s. Ctrl-C stops everything.\n"
    )


def test_a_command_is_one_line(terminal: Terminal, capsys: Any) -> None:
    """Time, domain, command, root, events, sequence and how long it took."""
    terminal.line(command(events=["OrderCreated"], sequence=0, position=9))
    terminal.line(command(events=[]))
    terminal.line(command(event="command.refused", reason="LOGIC_REJECTED"))

    assert capsys.readouterr().out.splitlines() == [
        "12:04:01 order  CreateOrder 7f3a -> OrderCreated seq 0  4 ms",
        "12:04:01 order  CreateOrder 7f3a -> nothing  4 ms",
        "12:04:01 order  CreateOrder 7f3a refused: LOGIC_REJECTED  4 ms",
    ]


def test_other_lines_stay_in_the_log(terminal: Terminal, capsys: Any) -> None:
    """Neither another event nor what only looks like one is written."""
    terminal.line('{"event": "health.changed"}')
    terminal.line('broken {"event": "command.accepted"')

    assert capsys.readouterr().out == ""


def test_a_failure_is_a_block_that_ends_with_the_next_step(terminal: Terminal, capsys: Any) -> None:
    """What happened, the end of the error, and the command that shows more."""
    error = "Traceback\n  File \"src/a.py\", line 31, in packed\nKeyError: 'carrier'"
    terminal.failed("stock", "exited 1, restart 1 of 5 in 500 ms", [json.dumps({"error": error})])

    assert capsys.readouterr().err.splitlines() == [
        "12:04:01 stock  exited 1, restart 1 of 5 in 500 ms",
        '         File "src/a.py", line 31, in packed',
        "         KeyError: 'carrier'",
        "next: angzarr logs stock",
    ]


def test_quiet_is_one_line_per_failure(capsys: Any) -> None:
    """No banner, no commands, no explanation."""
    quiet = Terminal(Noon(), quiet=True)
    quiet.ready(status(), 1.0)
    quiet.line(command(events=[]))
    quiet.failed("stock", "exited 1", ["a", "b"])

    shown = capsys.readouterr()
    assert (shown.out, len(shown.err.splitlines())) == ("", 1)


INFO = '{"event": "health.changed", "level": "info"}'
REFUSED = '{"level": "error", "event": "process.refused", "reason": "lock is taken"}'


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], []),
        (["one", "two", "three"], ["two", "three"]),
        ([INFO], []),
        (["Traceback", "ValueError: x", INFO], ["Traceback", "ValueError: x"]),
        ([REFUSED, INFO], ["lock is taken"]),
    ],
)
def test_the_last_words_of_a_process_explain_its_end(lines: list[str], why: list[str]) -> None:
    """An error's reason, else the last two lines that are no log lines."""
    assert explained(lines) == why
