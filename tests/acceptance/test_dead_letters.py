"""What failed is kept until somebody decides: a shop with a display that can be broken."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from examples import inventory_root
from examples.inventory_pb2 import InitializeStock, ReceiveStock

scenarios("journeys/dead-letters.feature")

pytestmark = pytest.mark.timeout(300)

LOGIC = Path(__file__).with_name("display.py")
SHOP = """project: shop
delivery: {{attempts: 2}}
components:
  inventory: {{kind: aggregate, run: [angzarr-example-aggregate-inventory]}}
  display: {{kind: projector, run: ["{python}", "{logic}"], env: {{DISPLAY: "{directory}"}}}}
"""


class Display:
    """A shop whose display writes what it shows to a file, and reads there what it cannot."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.directory: Path = shop.directory
        self.arrived: dict[str, int] = {}

    def receive(self, product: str, count: int) -> None:
        """Let deliveries of a product arrive."""
        root = inventory_root(product)
        for _ in range(count):
            sequence = self.arrived.get(product, 0) + 1
            if sequence == 1:
                self.send(root, InitializeStock(product_id=product, quantity=1), 0)
            self.send(root, ReceiveStock(quantity=1, reference=str(sequence)), sequence)
            self.arrived[product] = sequence

    def send(self, root: uuid.UUID, command: Any, sequence: int) -> None:
        """Send a command to the stock."""
        self.shop.run(lambda it: it.send("inventory", root, command, sequence=sequence))

    def shown(self, product: str) -> list[int]:
        """Return the deliveries of a product as they were shown; a repeat counts once."""
        file = self.directory / "shown.txt"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        wanted = inventory_root(product).hex
        numbers = [int(line.split()[1]) for line in lines if line.startswith(wanted)]
        return [it for at, it in enumerate(numbers) if at == 0 or numbers[at - 1] != it]

    def letters(self) -> list[dict[str, Any]]:
        """Return what waits."""
        code, out, err = self.shop.angzarr("-o", "json", "deadletter", "list")
        assert code == 0, err
        return list(json.loads(out)["items"])

    def waiting(self, product: str) -> list[str]:
        """Return the ids of what waits of a product, in order."""
        root = inventory_root(product).hex
        return [it["id"] for it in self.letters() if it["root"] == root]


@pytest.fixture
def display(scratch: Path, make_shop: Any) -> Iterator[Display]:
    """Run a shop with a display."""
    file = scratch / "shop.yaml"
    file.write_text(SHOP.format(python=sys.executable, logic=LOGIC, directory=scratch))
    shop = make_shop(file)
    made = Display(shop)
    yield made
    if shop.supervisor is not None:
        assert shop.stop() == 0


@given(parsers.parse('a display of deliveries that cannot take those of "{product}"'))
def broken_display(display: Display, product: str) -> None:
    """Start the shop with a display that fails for one product."""
    (display.directory / "broken.txt").write_text(inventory_root(product).hex)
    display.shop.start()


@given("the display is mended")
def mended(display: Display) -> None:
    """Wait until it has given up, then mend it."""
    display.shop.until(lambda: len(display.waiting("Tea")) == display.arrived["Tea"])
    (display.directory / "broken.txt").unlink()


@when(parsers.parse('{count:d} deliveries of "{one}" and {more:d} deliveries of "{other}" arrive'))
def deliveries(display: Display, count: int, one: str, more: int, other: str) -> None:
    """Let deliveries of two products arrive by turns."""
    for _ in range(max(count, more)):
        display.receive(one, 1)
        display.receive(other, 1)


@when(parsers.parse('{count:d} more delivery of "{product}" arrives'))
def one_more(display: Display, count: int, product: str) -> None:
    """Let one more delivery arrive."""
    display.receive(product, count)


@when(
    parsers.parse(
        'the operator replays what waits and the power fails at delivery {number:d} of "{product}"'
    )
)
def replay_and_kill(display: Display, number: int, product: str) -> None:
    """Kill the coordinator while it replays one delivery."""
    held = display.directory / "held.txt"
    held.write_text(f"{inventory_root(product).hex} {number}")
    command = display.shop.command("--timeout=20", "deadletter", "replay", "--yes")
    operator = subprocess.Popen(  # noqa: S603 - our own program
        command, env=display.shop.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    display.shop.until((display.directory / "holding.txt").exists)
    display.shop.kill("coordinator-display")
    held.unlink()
    operator.wait(60)


@when("the operator replays what waits in vain")
def replay_in_vain(display: Display) -> None:
    """It asks first, and needs a terminal for it; the first failure parks the rest again."""
    display.shop.until(lambda: len(display.waiting("Tea")) == display.arrived["Tea"])
    dry = display.shop.angzarr("deadletter", "replay", "--dry-run")
    assert dry[1] == "1 root, 4 events (1 failed, 3 waiting behind it). Nothing sent.\n"
    assert display.shop.angzarr("deadletter", "replay")[0] == 2
    code, _, err = display.shop.angzarr("deadletter", "replay", "--component=display", "--yes")
    assert code == 9, err


@when(parsers.parse('the operator gives up delivery {number:d} of "{product}" because "{why}"'))
def give_up(display: Display, number: int, product: str, why: str) -> None:
    """Discard one letter with a note."""
    letter = display.waiting(product)[number - 1]
    code, _, err = display.shop.angzarr("deadletter", "discard", letter, f"--note={why}", "--yes")
    assert code == 0, err


@then(parsers.parse('the display shows deliveries {first:d} to {last:d} of "{product}"'))
def shows(display: Display, first: int, last: int, product: str) -> None:
    """Every one of them, in order, and no other."""
    wanted = list(range(first, last + 1))
    display.shop.until(lambda: display.shown(product)[-1:] == [last])
    assert display.shown(product) == wanted


@then(parsers.parse('{count:d} deliveries of "{one}" wait and none of "{other}"'))
def wait(display: Display, count: int, one: str, other: str) -> None:
    """Only the product that fails is held up."""
    display.shop.until(lambda: len(display.waiting(one)) == count)
    assert display.waiting(other) == []


@then("nothing waits")
def nothing_waits(display: Display) -> None:
    """No letter is parked."""
    display.shop.until(lambda: display.letters() == [])


@then(parsers.parse('delivery {number:d} of "{product}" stays on record because "{why}"'))
def on_record(display: Display, number: int, product: str, why: str) -> None:
    """The letter is shown with its note."""
    letter = f"display:inventory:{_position(display, product, number)}"
    code, out, err = display.shop.angzarr("-o", "json", "deadletter", "show", letter)
    assert code == 0, err
    (found,) = json.loads(out)["items"]
    assert (found["state"], found["note"]) == ("DEAD_LETTER_STATE_DISCARDED", why)


def _position(display: Display, product: str, sequence: int) -> int:
    book = display.shop.run(lambda it: it.book("inventory", inventory_root(product)))
    return int(book.pages[sequence].position)
