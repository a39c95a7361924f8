"""The command line against a running shop: what people get wrong, and what it answers."""

import json
import uuid
from collections.abc import Callable

import pytest

Cli = Callable[..., tuple[int, str, str]]

DATA = '{"customer_id": "C", "items": [{"product_id": "S", "quantity": 1, "unit_price_cents": 5}]}'
NOWHERE = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ("nonsense", 2, "No such command 'nonsense'"),
        ("send", 2, "give DOMAIN/ROOT and a command, or --repeat ID."),
        ("send order/new MakeOrder", 2, 'no message has the name "MakeOrder"; known: '),
        ("send order/new CreateOrder -d @no.json", 2, "no.json cannot be read: No such file"),
        ("send order/new CreateOrder --proto no.such", 2, 'module "no.such" cannot be imported'),
        (f"state order/{NOWHERE}", 3, "order/00000000 has no events."),
        ("stream show order/0000", 3, "no root of order begins with 0000."),
        ("stream tail oder --no-follow", 3, 'no component serves domain "oder"'),
        ("stream tail oder", 3, 'no component serves domain "oder"'),
        ("logs nobody", 3, 'no process "nobody" has logged; known: '),
        ("--config no.yaml ps", 2, "no.yaml"),
    ],
)
def test_a_mistake_is_named(cli: Cli, arguments: str, exit_code: int, said: str) -> None:
    """One sentence that names it, on standard error, and the exit code of its kind."""
    code, out, err = cli(*arguments.split())

    assert (code, out) == (exit_code, "")
    assert said in err


def test_a_beginning_that_means_two_roots_is_refused(cli: Cli) -> None:
    """Nothing is guessed."""
    beginning = uuid.uuid4().hex[:8]
    for number in (1, 2):
        root = uuid.UUID(f"{beginning}{number:024x}")
        cli("send", f"inventory/{root}", "InitializeStock", "-d", '{"product_id": "S"}')

    code, _, err = cli("state", f"inventory/{beginning}")

    assert (code, err) == (3, f"2 roots of inventory begin with {beginning}.\n")


def test_an_unknown_outcome_is_repeated_by_its_id(cli: Cli) -> None:
    """Exit code 7 with the command that settles it, which then has one effect."""
    root = f"order/{uuid.uuid4()}"
    command = ("send", root, "CreateOrder", "-d", "-", "--expect", "0")

    code, _, err = cli("--timeout", "0.001", *command, stdin=DATA)
    repeat = err.splitlines()[-1].removeprefix("next: angzarr ").split()
    again = cli(*repeat)

    assert (code, err.startswith("unknown   order/")) == (7, True)
    assert again[0] == 0, again[2]
    assert json.loads(cli("-o", "json", "state", root)[1])["next_sequence"] == 1
