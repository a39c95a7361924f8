"""An operator finds and reads what nobody took back."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

Cli = Callable[..., tuple[int, str, str]]

ORDER = '{"customer_id": "C", "items": [{"product_id": "S", "quantity": 1, "unit_price_cents": 5}]}'
STEPS = (
    ("fulfillment", "CreateShipment", '{"order_id": "somebody else"}'),
    ("order", "CreateOrder", ORDER),
    ("order", "SubmitPayment", '{"payment_method": "card", "amount_cents": 5}'),
    ("order", "ConfirmPayment", '{"payment_reference": "P"}'),
)

pytestmark = pytest.mark.timeout(120)


def test_a_record_is_listed_and_shown(cli: Cli, stocked_shop: Any) -> None:
    """By the beginning of its root; as JSON with both reasons and the refused command."""
    root = uuid.uuid4()
    for domain, command, data in STEPS:
        code, _, err = cli("send", f"{domain}/{root}", command, "-d", data)
        assert code == 0, err
    listed: list[str] = []

    def found() -> bool:
        listed[:] = cli("stream", "list", "angzarr.saga-failures")[1].splitlines()
        return bool(listed)

    stocked_shop.until(found)
    record = listed[0].split("\t")[1]
    rows = cli("stream", "show", f"angzarr.saga-failures/{record[:6]}")[1].splitlines()
    shown = cli("-o", "json", "stream", "show", f"angzarr.saga-failures/{record}")[1]
    (event,) = json.loads(shown)["items"]

    assert len(listed) == len(rows) == 1
    assert "SagaCompensationFailed" in rows[0]
    assert event["event"]["saga_name"] == "saga-order-fulfillment"
    assert event["event"]["rejection_reason"] == "Shipment already exists"
    assert event["event"]["compensation_failure_reason"] == (
        "order has no .on_rejected(CreateShipment)"
    )
    (page,) = event["event"]["rejected_command"]["pages"]
    assert page["command"]["@type"].endswith("/examples.CreateShipment")
    assert page["command"]["order_id"] == root.hex


def test_a_record_is_not_to_be_written(cli: Cli) -> None:
    """Only sagas and process managers send there."""
    code, _, err = cli("send", f"angzarr.saga-failures/{uuid.uuid4()}", "CreateOrder", "-d", ORDER)

    assert (code, "Domain angzarr.saga-failures is reserved" in err) == (4, True)
