"""Which timelines a component follows (contract.md §4.8)."""

import pytest

from angzarr.types_pb2 import ComponentDescriptor, EventBook, Target
from angzarr_reaction import Interest

DESCRIPTOR = ComponentDescriptor(inputs=[Target(domain="order")])


def book(edition: str, domain: str = "order") -> EventBook:
    """Return an event on a timeline."""
    made = EventBook()
    made.cover.address(domain, bytes(16), edition=edition)
    made.pages.add().event.type_url = "x/y"
    return made


@pytest.mark.parametrize(
    ("editions", "wanted"),
    [
        ("all", ["", "what-if", "other"]),
        ("main", [""]),
        (("what-if",), ["what-if"]),
        (("main", "other"), ["", "other"]),
        (("angzarr",), [""]),
        ((), []),
    ],
)
def test_editions_are_followed_by_name(editions: str | tuple[str, ...], wanted: list[str]) -> None:
    """Main has two names; another domain is never wanted."""
    interest = Interest(descriptor=DESCRIPTOR, anywhere=False, editions=editions)

    assert [it for it in ("", "what-if", "other") if interest.wants(book(it))] == wanted
    assert not interest.wants(book("", "cart"))
