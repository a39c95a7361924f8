"""Bytes are counted before anything is made of them."""

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import ListValue

from angzarr_defence import parse

LIMIT_PARTS = 1000


def test_a_number_without_an_end_costs_no_more_than_its_bytes() -> None:
    """Ten bytes are the longest number; megabytes of its continuation are refused at once."""
    with pytest.raises(DecodeError):
        parse(ListValue, b"\xff" * (5 << 20), LIMIT_PARTS)


def test_many_empty_parts_are_refused_before_they_are_made() -> None:
    """Two bytes an element are enough for a bomb."""
    with pytest.raises(DecodeError, match="more than 1000 fields"):
        parse(ListValue, b"\x0a\x00" * (LIMIT_PARTS + 1), LIMIT_PARTS)


def test_what_stays_below_the_limit_is_parsed() -> None:
    """A list of as many elements as are allowed comes out whole."""
    found = parse(ListValue, b"\x0a\x00" * LIMIT_PARTS, LIMIT_PARTS)

    assert len(found.values) == LIMIT_PARTS
