"""Every event of the shop as a log line, by a process that is started beside it."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from examples import inventory_root
from examples.inventory_pb2 import InitializeStock

from .shop import Shop

PROGRAM = Path(sys.executable).with_name("angzarr-projector-log")

pytestmark = pytest.mark.timeout(300)


def test_events_are_lines(module_shop: Shop) -> None:
    """An event that is recorded while it runs is a line with its place and its workflow."""
    run, flow = module_shop.directory / "run", f"flow-{uuid.uuid4().hex[:8]}"
    address = f"unix:{run}/aggregate-inventory.sock"
    known = {"name": "inventory", "kind": "aggregate", "domain": "inventory", "address": address}
    output = module_shop.directory / "events.log"
    with output.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [
                PROGRAM,
                f"--listen=unix:{run}/projector-log.sock",
                f"--discovery.endpoints={json.dumps([known])}",
            ],
            env={"PATH": os.environ["PATH"]},
            stdout=written,
        )
    module_shop.until(lambda: b"log of inventory: ok" in output.read_bytes())
    command = InitializeStock(product_id=flow, quantity=1)
    module_shop.run(lambda it: it.send("inventory", inventory_root(flow), command, tag=flow))
    module_shop.until(lambda: flow.encode() in output.read_bytes())
    process.send_signal(signal.SIGTERM)

    lines = [json.loads(line) for line in output.read_text().splitlines()]
    (told,) = [line for line in lines if line["event"] == "event.recorded"]
    assert process.wait(30) == 0
    assert (told["domain"], told["sequence"], told["events"]) == (
        "inventory",
        0,
        ["examples.StockInitialized"],
    )
    assert (told["root"], told["correlation_id"]) == (inventory_root(flow).hex, flow)
