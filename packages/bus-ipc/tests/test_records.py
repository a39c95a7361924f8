"""Bytes of a pipe become frames again, and damage costs no more than it touches."""

import google_crc32c

from angzarr_bus_conformance import frame
from angzarr_bus_ipc._record import MARKER, RecordReader, encode_record


def test_a_broken_record_costs_only_itself() -> None:
    """The reader skips to the next marker after damage."""
    whole = encode_record(frame(1))
    damaged = bytearray(encode_record(frame(2)))
    damaged[-1] ^= 1

    found = RecordReader().feed(bytes(damaged) + whole)

    assert [one for one in found if one] == [frame(1)]
    assert None in found


def test_a_record_may_come_in_pieces() -> None:
    """Split reads lose nothing."""
    data = encode_record(frame(1)) + encode_record(frame(2))
    reader = RecordReader()

    found = [one for byte in data for one in reader.feed(bytes([byte]))]

    assert found == [frame(1), frame(2)]


def test_a_length_is_not_trusted_before_its_bound() -> None:
    """A record that claims to be longer than a pipe write can be is skipped at once."""
    lie = MARKER + b"\xff\xff\xff\xff" + bytes(4)

    found = RecordReader().feed(lie + encode_record(frame(1)))

    assert [one for one in found if one] == [frame(1)]


def test_bytes_without_a_record_are_said_once_to_be_lost() -> None:
    """However many of them come, one None stands for them, and the next record is read."""
    reader = RecordReader()

    lost = reader.feed(b"x" * 1000)
    found = reader.feed(b"y" * 10 + encode_record(frame(1)))

    assert lost == [None]
    assert found == [None, frame(1)]


def test_a_sound_record_that_is_no_frame_is_lost() -> None:
    """What another version wrote has the right checksum; it costs itself and nothing else."""
    payload = b"not a frame"
    numbers = (len(payload), google_crc32c.value(payload))
    record = MARKER + b"".join(number.to_bytes(4, "big") for number in numbers) + payload

    found = RecordReader().feed(record + encode_record(frame(1)))

    assert found[0] is None
    assert found[-1] == frame(1)
