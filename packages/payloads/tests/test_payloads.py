"""What events say and add up to, as data."""

import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandPage, Cover, EventBook
from angzarr_payloads import Folded, Types
from angzarr_terminal import CliError

MODULES = ("google.protobuf.wrappers_pb2", "angzarr.types_pb2")


def book(*domains: str) -> EventBook:
    """Return a history whose events are covers."""
    made = EventBook()
    made.cover.address("unfolded", bytes(16))
    for domain in domains:
        made.record(Cover(domain=domain))
    return made


def test_a_type_is_found_by_its_full_or_short_name() -> None:
    """An unknown or ambiguous name is a mistake that names what is known."""
    types = Types(MODULES)

    assert types.find("StringValue") is types.find("google.protobuf.StringValue") is StringValue
    with pytest.raises(CliError, match='no message has the name "Nothing"'):
        types.find("Nothing")
    with pytest.raises(CliError, match=r'module "no\.such" cannot be imported'):
        Types(["no.such"])


def test_a_payload_of_an_unknown_type_is_base64() -> None:
    """So is one that does not parse."""
    packed = Any(type_url="x/y.Unknown", value=b"\x00\x01")

    assert Types(()).plain(packed) == {"base64": "AAE="}
    assert Types(MODULES).plain(Any(type_url="x/angzarr.Cover", value=b"\xff")) == {
        "base64": "/w=="
    }


def test_without_a_fold_the_last_value_of_every_field_is_the_state() -> None:
    """Whatever the events are."""
    history = book("one", "two")
    history.record(CommandPage(sequence=7))

    assert Folded("unfolded", Types(MODULES)).state(history) == {"domain": "two", "sequence": 7}


def test_a_change_is_what_an_event_made_of_the_state() -> None:
    """From a sequence on; a field that stays is not named."""
    folded = Folded("unfolded", Types(MODULES))

    found = folded.changes(book("one", "two", "two"), 1)

    assert [(page.num, fields) for page, fields in found] == [(1, {"domain": "two"}), (2, {})]
    assert folded.changes(book("one"), 1) == []
    assert folded.changes(book("one"), 0)[0][1] == {"domain": "one"}
