"""What becomes of frames that nobody takes."""

from dataclasses import replace

from angzarr_bus import Frame, FrameQueue

FRAME = Frame(
    domain="order",
    epoch=1,
    edition="angzarr",
    root=bytes(16),
    sequence=0,
    position=1,
    count=1,
    command_id="c",
    correlation_id="",
)


def frames(*positions: int) -> list[Frame]:
    """Return a frame per position."""
    return [replace(FRAME, position=position) for position in positions]


def test_frames_come_in_their_order() -> None:
    """What fits is taken as it was offered."""
    queue = FrameQueue(2)
    for frame in frames(1, 2):
        queue.offer(frame)

    assert [queue.take(), queue.take()] == frames(1, 2)
    assert queue.is_empty


def test_an_overflow_drops_all_and_is_said_once() -> None:
    """What is offered before somebody hears of it is dropped too, what comes behind is not."""
    queue = FrameQueue(2)
    for frame in frames(1, 2, 3, 4):
        queue.offer(frame)

    assert queue.take() is None
    assert queue.is_empty
    queue.offer(*frames(5))
    assert queue.take() == frames(5)[0]


def test_a_lost_frame_is_an_overflow() -> None:
    """Those that wait are dropped: they are no longer all that came."""
    queue = FrameQueue(2)
    queue.offer(*frames(1))
    queue.offer(None)

    assert queue.take() is None
    assert queue.is_empty


def test_what_is_cleared_is_gone() -> None:
    """Nothing is left to take."""
    queue = FrameQueue(2)
    queue.offer(*frames(1))
    queue.clear()

    assert queue.is_empty
