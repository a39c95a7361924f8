"""Commands that were sent can be sent again byte for byte."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandBook
from angzarr_cli._sent import Sent
from angzarr_ports import SystemClock
from angzarr_terminal import CliError


def book(command_id: str) -> CommandBook:
    """Return a command with an id."""
    made = CommandBook.to("order", bytes(16), StringValue(value="x"), sequence=3)
    made.command_id = command_id
    return made


def test_a_kept_command_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    """Id, sequence and payload are those of the first time."""
    sent = Sent(str(tmp_path), "", SystemClock())
    sent.keep(book("0192c1d4-7"))
    sent.keep(book("0192ffff-7"))

    assert sent.find("0192c1d4") == book("0192c1d4-7")
    for beginning in ("0192", "01", "ffff"):
        with pytest.raises(CliError):
            sent.find(beginning)


def test_a_week_later_it_is_forgotten(tmp_path: Path) -> None:
    """Keeping a command removes those that are older than seven days."""
    sent = Sent("", str(tmp_path), SystemClock())
    sent.keep(book("old-1"))
    (old,) = (tmp_path / ".local/state/angzarr/sent").iterdir()
    before = (SystemClock().now() - timedelta(days=8)).timestamp()
    os.utime(old, (before, before))

    sent.keep(book("new-1"))

    assert [path.name for path in old.parent.iterdir()] == ["new-1"]


def test_no_place_to_keep_it_is_no_reason_not_to_send(tmp_path: Path) -> None:
    """A home that cannot be written costs the memory only."""
    (tmp_path / "angzarr").write_text("a file in the way")
    sent = Sent(str(tmp_path), "", SystemClock())

    sent.keep(book("0192c1d4"))

    with pytest.raises(CliError, match="no command that was sent"):
        sent.find("0192c1d4")


def test_a_damaged_memory_is_said_to_be_one(tmp_path: Path) -> None:
    """Bytes that are no command are not sent."""
    sent = Sent(str(tmp_path), "", SystemClock())
    sent.keep(book("0192c1d4"))
    (tmp_path / "angzarr/sent/0192c1d4").write_bytes(b"\xff\xff")

    with pytest.raises(CliError, match="holds no command"):
        sent.find("0192")
