"""Derived identifiers equal the vectors of the wire contract."""

import pytest

from angzarr import (
    NAMESPACE,
    business_root,
    compensation_id,
    decision_id,
    failure_command_id,
    failure_root,
    partition_of,
    process_root,
    reaction_command_id,
    replay_command_id,
    timer_event_id,
)
from angzarr.types_pb2 import CommandBook

ROOT = bytes(range(16))
COMMAND = reaction_command_id("saga-order-inventory", ("order", "angzarr", ROOT, 3), 0)
BOOK = bytes.fromhex(
    "0a1b0a120a10000102030405060708090a0b0c0d0e0f12056f7264657212311a2f0a28747970652e676f6f676c"
    "65617069732e636f6d2f6578616d706c65732e4372656174654f7264657212030a0161"
)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("404f3bda-578a-5c4d-a7f4-2751b843698a", NAMESPACE),
        ("25612937-027e-59a7-bd70-aa3fc0d48016", business_root("order", "X-1")),
        ("f3897268-3180-5a2e-b9f3-acd191af25e6", process_root("c-1")),
        ("4c2c11d5-ef04-5820-82c3-860c2e83f943", COMMAND),
        ("050f3a5b-ec1b-5392-b51a-39a0e9c226a7", compensation_id(COMMAND)),
        ("bdde5ad2-033e-5f51-851e-fcbfdf4822f8", failure_command_id(COMMAND)),
        ("3cf9990a-e158-5ef5-88ab-c5158110766b", failure_root(COMMAND)),
        ("b4b7fb6a-b45d-5f72-a58b-5c2c8737724c", replay_command_id(COMMAND, 1)),
        (
            "244078e0-e292-5ba4-8702-2d36ddc404cb",
            decision_id("order-fulfillment", ("order", "angzarr", ROOT, 1)),
        ),
        (
            "82ec09a8-7a80-590d-990e-58a333b7d273",
            timer_event_id("order-fulfillment", ("angzarr", ROOT), "payment", (1_700_000_000, 0)),
        ),
    ],
)
def test_an_identifier_equals_its_vector(expected: str, actual: object) -> None:
    """Each recipe gives the published value."""
    assert expected == str(actual)


def test_the_partition_of_a_root_equals_its_vector() -> None:
    """The vector root lies in partition 6 of 8."""
    assert partition_of(ROOT, 8) == 6


def test_the_correlation_id_is_derived_from_the_command() -> None:
    """The vector book gives the published id."""
    book = CommandBook.FromString(BOOK)

    assert book.derived_correlation_id == "4b8c160d-5683-530b-8501-a4aba6fa0e0e"


def test_the_correlation_id_ignores_what_is_not_canonical() -> None:
    """Neither an unknown field nor a correlation id that is already there changes it."""
    book = CommandBook.FromString(BOOK + b"\xca\x3e\x03abc")
    book.cover.correlation_id = "flow"

    assert book.derived_correlation_id == "4b8c160d-5683-530b-8501-a4aba6fa0e0e"


def test_the_command_id_is_part_of_the_correlation_id() -> None:
    """Two attempts with different ids are two workflows."""
    book = CommandBook.FromString(BOOK)
    book.command_id = "c-1"

    assert book.derived_correlation_id != "4b8c160d-5683-530b-8501-a4aba6fa0e0e"
