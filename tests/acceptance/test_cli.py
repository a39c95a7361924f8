"""The command line against a running shop: what people type and read."""

import json
import re
import uuid
from collections.abc import Callable

import pytest

Cli = Callable[..., tuple[int, str, str]]

ORDER = (
    '{"customer_id": "C-1", "items": [{"product_id": "%s", "quantity": 2, "unit_price_cents": 5}]}'
)
PAYMENT = '{"payment_method": "card", "amount_cents": 10}'

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def product() -> str:
    """Return a product that no other test knows."""
    return f"SKU-{uuid.uuid4().hex[:8]}"


def plain(text: str) -> str:
    """Return the text with everything that differs from run to run masked."""
    for pattern, mask in (
        (r"order/[0-9a-f]{8}", "order/ROOT"),
        (r"pos \d+", "pos N"),
        (r"\d+ ms", "T ms"),
    ):
        text = re.sub(pattern, mask, text)
    return text


def test_an_order_is_sent_followed_and_shown(cli: Cli, product: str) -> None:
    """Stock, order, payment and confirmation lead to a shipment under one correlation id."""
    tag = f"order-{uuid.uuid4().hex[:8]}"
    stock = f"inventory/{uuid.uuid5(uuid.NAMESPACE_DNS, product)}"
    cli("send", stock, "InitializeStock", "-d", f'{{"product_id": "{product}", "quantity": 10}}')

    code, out, err = cli(
        "send", "order/new", "CreateOrder", "-d", ORDER % product, "--correlation", tag
    )
    root = re.findall(r"order/([0-9a-f]{8})", out)[0]
    for command, data in (
        ("SubmitPayment", PAYMENT),
        ("ConfirmPayment", '{"payment_reference": "P"}'),
    ):
        assert cli("send", f"order/{root}", command, "-d", data, "--correlation", tag)[0] == 0

    assert (code, plain(out).splitlines()) == (
        0,
        [
            "accepted  order/ROOT  seq 0  pos N  T ms",
            "  [C] CreateOrder -> order",
            "      [E] OrderCreated                                 seq 0",
        ],
    )
    assert plain(err) == "next: angzarr state order/ROOT\n"
    assert 'status: "completed"' in cli("state", f"order/{root}")[1]
    assert set(workflow(cli, tag)) >= {
        "OrderCreated",
        "StockReserved",
        "PaymentSubmitted",
        "OrderCompleted",
        "ShipmentCreated",
    }


def workflow(cli: Cli, tag: str) -> list[str]:
    """Return the events of a workflow, once its shipment is there."""
    names: list[str] = []
    for _ in range(100):
        out = cli("-o", "jsonl", "stream", "tail", "--no-follow", "--correlation", tag)[1]
        events = [json.loads(line) for line in out.splitlines()]
        names = [event["type"].rpartition(".")[2] for event in events]
        if "ShipmentCreated" in names:
            assert {event["correlation_id"] for event in events} == {tag}
            return names
    pytest.fail(f"no shipment: {names}", pytrace=False)


def test_a_refusal_is_a_sentence_with_its_exit_code(cli: Cli) -> None:
    """A rule, an unknown domain, a wrong root, wrong data and a stale sequence."""
    root = f"order/{uuid.uuid4()}"
    cli("send", root, "CreateOrder", "-d", ORDER % "S")

    refused = cli("send", root, "CancelOrder")
    unknown = cli("send", "oder/new", "CreateOrder")
    short = cli("send", "order/12", "CreateOrder")
    wrong = cli("send", root, "CreateOrder", "-d", '{"customer": 1}')
    stale = cli("send", root, "CancelOrder", "-d", '{"reason": "x"}', "--expect", "0")

    assert refused == (4, "", "refused   FAILED_PRECONDITION\n  Cancellation reason is required\n")
    assert (unknown[0], unknown[2].splitlines()) == (
        3,
        [
            (
                'no component serves domain "oder"; '
                "known: fulfillment, inventory, order, order-fulfillment."
            ),
            "next: angzarr topology",
        ],
    )
    assert (short[0], wrong[0], stale[0]) == (2, 2, 5)
    assert "CreateOrder" in wrong[2]
    assert "Sequence mismatch: command expects 0, aggregate at 1" in stale[2]


def test_a_command_is_repeated_byte_for_byte(cli: Cli, product: str) -> None:
    """The same id gives the first answer again, whatever happened since."""
    id_ = f"cli-{uuid.uuid4()}"
    first = cli(
        "-o", "json", "send", "order/new", "CreateOrder", "-d", ORDER % product, "--command-id", id_
    )
    again = cli("-o", "json", "send", "--repeat", id_[:12])

    assert first[:2] == again[:2]
    assert json.loads(first[1])["command_id"] == id_


def test_the_running_system_is_listed(cli: Cli) -> None:
    """Components with their states, the declared graph, and what a process printed."""
    processes = [line.split("\t") for line in cli("ps")[1].splitlines()]
    tree = cli("topology")[1]
    graph = json.loads(cli("topology", "-o", "json")[1])
    logs = cli("logs", "inventory", "--tail", "1")[1]

    assert len(processes) == 12
    assert [row[0] for row in processes[:3]] == ["order", "inventory", "fulfillment"]
    assert {len(row) for row in processes} == {7}
    assert {row[2] for row in processes} == {"running"}
    reads = "  -> saga-order-inventory  OrderCancelled, OrderCreated"
    assert any(line.startswith(reads) for line in tree.splitlines())
    assert {item["name"] for item in graph["items"]} >= {"order", "saga-order-fulfillment"}
    assert {line.split()[0] for line in logs.splitlines()} == {
        "inventory",
        "coordinator-inventory",
    }


def test_without_a_system_the_next_step_is_named(cli: Cli) -> None:
    """No gateway, no project: exit 6 and 3."""
    nobody = cli("--gateway", "127.0.0.1:1", "stream", "list", "order")

    assert (nobody[0], nobody[2]) == (
        6,
        "no gateway answers: is the application running?\nnext: angzarr up\n",
    )


def test_what_follows_stands_below_its_cause(cli: Cli) -> None:
    """With --sync cascade the answer comes when it is done, and says what became of it."""
    code, out, _ = cli("send", "order/new", "CreateOrder", "-d", ORDER % "S", "--sync", "cascade")
    _, told, _ = cli("-o", "json", "send", "order/new", "CreateOrder", "-d", ORDER % "S")

    assert (code, plain(out).splitlines()[3:]) == (
        0,
        [
            "          [M] order-fulfillment            applied",
            "          [S] saga-order-fulfillment       applied",
            "          [S] saga-order-inventory         applied",
            "              [C] ReserveStock -> inventory            accepted",
            "                  [M] order-fulfillment            applied",
            "                  [P] projector-inventory-stock    applied",
        ],
    )
    assert json.loads(told)["outcomes"] == []
