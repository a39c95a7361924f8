"""Differences as people and programs read them (experience.md §4)."""

import json
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import Cover, EventBook, EventPage
from angzarr_editions._difference import Change, Difference, shared
from angzarr_editions._shown import show
from angzarr_terminal import Format

ROOT = bytes.fromhex("7f3a2c91" + "00" * 12)


def change(number: int, **fields: Any) -> Change:
    """Return an event and what it changed."""
    page = EventPage(num=number, position=number + 40)
    page.event.Pack(StringValue(value="x"))
    return page, fields


def difference(count: int) -> Difference:
    """Return a root that parts after so many events."""
    return Difference(
        cover=Cover().address("order", ROOT),
        shared=count,
        sides=(
            ("main", [change(2, status="cancelled")]),
            ("what-if", [change(2, status="completed", total=5), change(3)]),
        ),
    )


def test_a_difference_is_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    """One line per event, with the fields that it changed."""
    show(Format.TABLE, [difference(2), difference(0)])

    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "order/7f3a2c91  diverged after seq 1",
        '  main     seq 2  StringValue          status "cancelled"',
        '  what-if  seq 2  StringValue          status "completed"   total 5',
        "  what-if  seq 3  StringValue",
    ]
    assert lines[4] == "order/7f3a2c91  new"


def test_a_program_gets_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """One object per root."""
    show(Format.JSON, [difference(2)])

    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "angzarr.cli.edition_diff/1"
    (item,) = found["items"]
    assert (item["domain"], item["shared"]) == ("order", 2)
    assert item["timelines"][0] == {
        "name": "main",
        "events": [
            {
                "sequence": 2,
                "position": "42",
                "type": "google.protobuf.StringValue",
                "changes": {"status": "cancelled"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ((1, 2, 3), (1, 2, 9), 2),
        ((1, 2), (1, 2, 3), 2),
        ((), (1,), 0),
        ((1,), (1,), 1),
        ((1,), (2,), 0),
    ],
)
def test_what_two_timelines_share_stands_at_the_same_places(
    first: tuple[int, ...], second: tuple[int, ...], count: int
) -> None:
    """Equal events at other places of the log are not the same events."""
    one, other = (
        EventBook(pages=[EventPage(position=it) for it in places]) for places in (first, second)
    )

    assert shared(one, other) == count
