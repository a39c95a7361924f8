"""Every event reaches its subscriber, whatever the bus does."""

from typing import Any

from google.protobuf.wrappers_pb2 import StringValue

from angzarr_bus_channel import Losses, LossyBus
from angzarr_ports import SystemRandomness

ROOTS = 7


def order_of(seen: list[tuple[bytes, int]], root: int) -> list[int]:
    """Return the sequences of one root in the order they were seen."""
    return [sequence for key, sequence in seen if key == bytes([root]) * 16]


async def test_events_arrive_once_and_in_order_per_root(world: Any) -> None:
    """Two hundred appends over a bus that loses nothing: each event once, in order."""
    await world.listen()
    for number in range(200):
        await world.record(number % ROOTS, count=1 + number % 3)
    total = sum(1 + number % 3 for number in range(200))
    await world.until_checkpoint(total)

    assert len(world.handler.seen) == total
    for root in range(ROOTS):
        found = order_of(world.handler.seen, root)
        assert found == list(range(len(found)))


async def test_a_bus_that_loses_repeats_and_reorders_changes_nothing(world: Any) -> None:
    """The feed fills every gap; a repeat has no effect."""
    losses = Losses(drop=0.3, repeat=0.3, reorder=0.3)
    sound = world.bus
    world.bus = LossyBus(sound, losses, SystemRandomness())
    await world.listen(poll_seconds=60)
    for number in range(150):
        await world.record(number % ROOTS)
    world.bus = sound
    await world.record(1)
    await world.until_checkpoint(151)

    assert len(world.handler.seen) == len(set(world.handler.seen)) == 151
    for root in range(ROOTS):
        found = order_of(world.handler.seen, root)
        assert found == list(range(len(found)))


async def test_without_a_bus_the_poll_finds_everything(world: Any) -> None:
    """Nothing is published: the last event is found by polling."""
    world.start()
    for _ in range(5):
        await world.record(1, publish=False)

    await world.until_checkpoint(5)
    assert len(world.handler.seen) == 5


async def test_frames_spare_the_feed(world: Any) -> None:
    """While the bus brings every append, the feed is read only to begin and to poll."""
    await world.listen(poll_seconds=60)
    for number in range(50):
        await world.record(number % ROOTS)

    await world.until_checkpoint(50)
    assert world.feed.reads == 1


async def test_unwanted_events_count_as_applied(world: Any) -> None:
    """The checkpoint passes what the subscriber does not take."""
    world.wants = lambda book: book.cover.root.value[0] == 1
    world.start()
    for number in range(20):
        await world.record(number % 2)

    await world.until_checkpoint(20)
    assert len(world.handler.seen) == 10


async def test_a_handler_gets_one_event_with_its_cover(world: Any) -> None:
    """One page per call, with position, correlation id and the stored payload."""
    books = []

    async def keep(event: Any, _: Any) -> None:
        books.append(event.book)

    world.handler.act = keep
    world.start()
    await world.record(1, count=2)
    await world.until_checkpoint(2)

    assert [[page.position for page in book.pages] for book in books] == [[1], [2]]
    assert {book.cover.correlation_id for book in books} == {"c"}
    text = StringValue()
    assert books[1].pages[0].event.Unpack(text)
    assert text.value == "event 1"


async def test_a_small_window_still_delivers_everything(world: Any) -> None:
    """With room for two events the reader waits instead of growing."""
    world.start(window=2)
    for number in range(60):
        await world.record(number % ROOTS)

    await world.until_checkpoint(60)
    assert len(world.handler.seen) == 60


async def test_a_store_out_of_order_delays_and_repeats_no_effect(world: Any) -> None:
    """Changes that could not be stored are stored later; the handler is not asked again."""
    world.start()
    world.ledger.failures = 3
    for _ in range(3):
        await world.record(1)

    await world.until_checkpoint(3)
    assert len(world.handler.seen) == 3
