"""Frames survive the way through bytes, and nothing else is taken for one."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from angzarr_bus import Frame, FrameError

FRAME = Frame(
    domain="order",
    epoch=3,
    edition="angzarr",
    root=bytes(range(16)),
    sequence=4,
    position=9,
    count=2,
    command_id="c-1",
    correlation_id="flöw",
    pages=(b"one", b""),
)


@pytest.mark.parametrize(
    "frame", [FRAME, FRAME.as_reference(), replace(FRAME, count=0, pages=(), root=b"")]
)
def test_decode_returns_what_encode_wrote(frame: Frame) -> None:
    """Whole frames, references and wakes come back equal."""
    assert Frame.decode(frame.encode()) == frame


def test_the_last_position_is_that_of_the_last_page() -> None:
    """A delta of two pages from 9 ends at 10; a wake ends at its head."""
    assert (FRAME.last_position, replace(FRAME, count=0, pages=()).last_position) == (10, 9)


def test_every_cut_is_noticed() -> None:
    """A frame without its last bytes is never decoded into another frame."""
    data = FRAME.encode()

    for length in range(len(data)):
        try:
            found = Frame.decode(data[:length])
        except FrameError:
            continue
        assert found == FRAME.as_reference()


@settings(deadline=None)
@given(st.binary(max_size=120))
@example(FRAME.encode())
def test_random_bytes_raise_only_frame_errors(data: bytes) -> None:
    """Whatever the decoder reads, it returns a frame or raises FrameError."""
    try:
        found = Frame.decode(data)
    except FrameError:
        return

    assert Frame.decode(found.encode()) == found
