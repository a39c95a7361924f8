"""DOMAIN/ROOT as people write it."""

import uuid

import pytest

from angzarr_cli._root import Root, parse
from angzarr_terminal import CliError

FRESH = uuid.UUID(int=7)
FULL = "7f3a2c91-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"order/{FULL}", uuid.UUID(FULL)),
        (f"order/{FULL.upper().replace('-', '')}", uuid.UUID(FULL)),
        ("order/key:X-1", uuid.UUID("25612937-027e-59a7-bd70-aa3fc0d48016")),
        ("order/new", FRESH),
    ],
)
def test_a_whole_root_is_itself(text: str, value: uuid.UUID) -> None:
    """A UUID in any spelling, a business key, or a fresh one."""
    assert parse(text, fresh=FRESH) == Root(domain="order", value=value)


def test_a_beginning_waits_to_be_completed() -> None:
    """Four hex digits or more, dashes ignored."""
    assert parse("order/7F3A-2c", fresh=FRESH) == ("order", "7f3a2c")


@pytest.mark.parametrize("text", ["order", "order/", "/7f3a", "order/7f3", "order/hello"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    """The sentence names what was written."""
    with pytest.raises(CliError) as caught:
        parse(text, fresh=FRESH)

    assert caught.value.exit_code == 2
    assert text.rpartition("/")[2] in caught.value.message
