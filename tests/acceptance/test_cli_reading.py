"""The command line against a running shop: what is shown, once and for as long as one looks."""

import json
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., tuple[int, str, str]]

DATA = '{"customer_id": "%s", "items": [{"product_id": "S", "quantity": 1, "unit_price_cents": 5}]}'

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def root(cli: Cli) -> str:
    """Return an order with one event."""
    return created(cli, "C-1")


def created(cli: Cli, customer: str) -> str:
    """Return the order that a customer has placed."""
    root = str(uuid.uuid4())
    code, _, err = cli("send", f"order/{root}", "CreateOrder", "-d", DATA % customer)
    assert code == 0, err
    return root


@contextmanager
def following(shop: Any, *arguments: str) -> Iterator[Path]:
    """Run a command that goes on beside the body; an interrupt ends it with exit code 130."""
    path = shop.directory / "following.txt"
    with path.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [shop.program, f"--config={shop.config}", *arguments],
            env=shop.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield path
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130, path.read_text()


def test_roots_and_their_events_are_shown(cli: Cli, root: str) -> None:
    """By a beginning of the root; rows for people and programs, everything as JSON."""
    rows = cli("stream", "list", "order")[1].splitlines()
    listed = json.loads(cli("-o", "json", "stream", "list", "order")[1])["items"]
    shown = cli("stream", "show", f"order/{root[:8]}")[1].splitlines()
    (event,) = json.loads(cli("-o", "json", "stream", "show", f"order/{root}")[1])["items"]

    assert f"order\t{root}" in rows
    assert {"domain": "order", "root": root} in listed
    assert [line.split("\t")[1:4] for line in shown] == [["order", root[:8], "0"]]
    assert (event["root"], event["sequence"]) == (root, 0)
    assert event["type"] == "examples.OrderCreated"
    assert event["event"]["customer_id"] == "C-1"


def test_a_state_is_folded_by_the_domain(cli: Cli, root: str) -> None:
    """As in the logic; a program gets the next sequence beside it."""
    state = json.loads(cli("-o", "json", "state", f"order/{root}")[1])

    assert (state["domain"], state["root"], state["next_sequence"]) == ("order", root, 1)
    assert state["state"]["customer_id"] == "C-1"


def test_a_state_is_shown_as_it_was(cli: Cli, root: str) -> None:
    """As of a sequence or a time; before the first event there is none."""
    payment = '{"payment_method": "card", "amount_cents": 5}'
    assert cli("send", f"order/{root}", "SubmitPayment", "-d", payment)[0] == 0

    def known(*at: str) -> tuple[int, str]:
        code, out, err = cli("-o", "json", "state", f"order/{root}", *at)
        if code:
            return code, json.loads(err)["message"]
        return code, json.loads(out)["state"]["status"]

    assert known("--at", "0") == (0, "pending")
    assert known("--at", "2199-01-01T00:00:00Z") == known() == (0, "payment_submitted")
    nothing = (3, f"order/{root[:8]} had no events then.")
    assert known("--at", "2001-01-01T00:00:00Z") == nothing
    assert known("--at", "yesterday")[0] == 2


def test_a_state_is_shown_with_how_it_came_about(cli: Cli, root: str) -> None:
    """Each event with the fields that it added, changed or took away."""
    payment = '{"payment_method": "card", "amount_cents": 5}'
    assert cli("send", f"order/{root}", "SubmitPayment", "-d", payment)[0] == 0

    rows = [it.split("\t") for it in cli("state", f"order/{root}", "--diff")[1].splitlines()]
    listed = json.loads(cli("-o", "json", "state", f"order/{root}", "--diff")[1])

    assert [row[:2] for row in rows] == [["0", "OrderCreated"], ["1", "PaymentSubmitted"]]
    assert '+ customer_id "C-1"' in rows[0][2]
    assert '~ status "pending" -> "payment_submitted"' in rows[1][2]
    assert listed["schema"] == "angzarr.cli.state_diff/1"
    assert listed["items"][1]["type"] == "examples.PaymentSubmitted"
    assert listed["items"][1]["changes"]["status"] == "payment_submitted"


def test_a_command_is_tried_before_it_is_sent(cli: Cli, root: str) -> None:
    """The events that it would lead to, or the refusal; nothing of it is stored."""
    order, reason = f"order/{root}", '{"reason": "?"}'

    tried = cli("send", order, "CancelOrder", "-d", reason, "--dry-run")
    plain = json.loads(
        cli("-o", "json", "send", order, "CancelOrder", "-d", reason, "--dry-run")[1]
    )
    refused = cli("send", order, "CancelOrder", "--dry-run")
    waiting = cli("send", order, "CancelOrder", "-d", reason, "--dry-run", "--sync", "cascade")

    assert (tried[0], tried[2]) == (0, "")
    assert tried[1].splitlines() == [
        f"would be accepted  order/{root[:8]}  seq 1",
        "  [C] CancelOrder -> order",
        "      [E] OrderCancelled                               seq 1",
    ]
    assert (plain["dry_run"], plain["events"][0]["sequence"]) == (True, 1)
    assert refused == (4, "", "refused   FAILED_PRECONDITION\n  Cancellation reason is required\n")
    assert waiting[0] == 2
    assert 'status: "pending"' in cli("state", order)[1]


def test_a_tail_begins_with_the_newest(cli: Cli, root: str) -> None:
    """As many as were asked for, and no other workflow."""
    newest = cli("stream", "tail", "order", "--tail", "1", "--no-follow")[1].splitlines()
    nothing = cli("stream", "tail", "--no-follow", "--correlation", "no such workflow")[1]

    assert [line.split("\t")[1:3] for line in newest] == [["order", root[:8]]]
    assert nothing == ""


def test_a_tail_goes_on_over_a_restart_of_the_gateway(cli: Cli, module_shop: Any) -> None:
    """Every event once, in order, until an interrupt."""
    first = created(cli, "C-2")
    with following(module_shop, "stream", "tail", "order", "--tail", "1") as shown:
        module_shop.until(lambda: first[:8] in shown.read_text())
        module_shop.kill("gateway")
        second = created(cli, "C-3")
        module_shop.until(lambda: second[:8] in shown.read_text())

        roots = [line.split("\t")[2] for line in shown.read_text().splitlines()]
        assert roots == [first[:8], second[:8]]


def test_logs_go_on(module_shop: Any) -> None:
    """What a process prints later is shown behind its name, over the change to a new file."""
    log = module_shop.home / ".angzarr/logs/extra.log"
    log.write_text("zero\none\n")
    with following(module_shop, "logs", "-f", "--tail", "1", "extra") as shown:
        module_shop.until(lambda: "one" in shown.read_text())
        with log.open("ab", buffering=0) as file:
            file.write(b"two\nthr")
            module_shop.until(lambda: "two" in shown.read_text())
            file.write(b"ee\n")
        log.replace(log.with_suffix(".log.1"))
        log.write_text("four\n")
        module_shop.until(lambda: "four" in shown.read_text())

        lines = [line.split() for line in shown.read_text().splitlines()]
        assert lines == [["extra", number] for number in ("one", "two", "three", "four")]


def test_the_topology_is_drawn(cli: Cli) -> None:
    """For Mermaid and for Graphviz: every declared edge with its types."""
    mermaid = cli("topology", "-o", "mermaid")[1].splitlines()
    dot = cli("topology", "-o", "dot")[1].splitlines()

    assert mermaid[0] == "graph LR"
    assert '  order -->|"OrderCancelled, OrderCreated"| saga-order-inventory' in mermaid
    assert (dot[0], dot[-1]) == ("digraph angzarr {", "}")
    edge = '  "order" -> "saga-order-inventory" [label="OrderCancelled, OrderCreated"];'
    assert edge in dot


def test_processes_are_listed_for_programs(cli: Cli) -> None:
    """Each component with its processes and what it is doing."""
    found = {it["name"]: it for it in json.loads(cli("-o", "json", "ps")[1])["items"]}

    assert (found["gateway"]["kind"], found["gateway"]["state"]) == ("gateway", "running")
    assert found["saga-order-inventory"]["parked"] == 0
    roles = [it["role"] for it in found["order"]["processes"]]
    assert roles == ["logic", "coordinator"]


def test_the_running_system_is_sound(cli: Cli) -> None:
    """Every log and checkpoint is verified while it is used, and every process is ready."""
    verified = cli("verify")
    examined = cli("doctor")
    data = json.loads(cli("-o", "json", "verify")[1])

    lines = [*verified[1].splitlines(), *examined[1].splitlines()]
    assert (verified[0], examined[0]) == (0, 0)
    assert {line.split()[0] for line in lines} == {"ok"}
    assert "ok    20 processes are ready" in lines
    assert data["schema"] == "angzarr.cli.findings/1"
    assert {it["level"] for it in data["items"]} == {"ok"}
