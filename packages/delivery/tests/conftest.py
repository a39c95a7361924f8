"""A domain with a log, a bus and a subscriber that can be restarted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook, EventPage
from angzarr_bus import Bus, BusConfig, Frame
from angzarr_bus_channel import ChannelBus
from angzarr_delivery import Commit, Occurrence, Policy, Subscription
from angzarr_ports import Faults, Metric, MetricKind, System, SystemClock, real_system
from angzarr_reader import Source
from angzarr_store import (
    Advance,
    Batch,
    Change,
    EventLog,
    Lease,
    Ledger,
    Letter,
    LetterState,
    RootKey,
    SaveLetter,
    Store,
    StoreConfig,
    StoreUnavailableError,
)
from angzarr_store_memory import MemoryStore

DOMAIN = "order"
DURATION = Metric(
    name="angzarr_test_duration_seconds",
    help="How long an attempt took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)


class QuickClock(SystemClock):
    """A clock on which backoff passes a hundred times faster."""

    async def sleep(self, seconds: float) -> None:
        """Wait for a hundredth of `seconds`."""
        await super().sleep(seconds / 100)


class LogFeed:
    """The feed of a log in the same process; it can be cut off."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.reads = 0

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return what the log says, one book per append that was not deleted."""
        self.reads += 1
        page = await self.log.read_feed(
            after=after, limit=limit, limit_bytes=1 << 20, after_chain=chain
        )
        last, end = (
            (page.events[-1].position, page.events[-1].chain) if page.events else (after, b"")
        )
        batch = FeedBatch(
            after_position=after,
            last_position=last,
            chain=end,
            head=page.head.position,
            epoch=page.head.epoch,
        )
        for event in page.events:
            if event.page is None:
                continue
            book = batch.books.add()
            if len(batch.books) > 1 and batch.books[-2].pages[-1].command_id == event.command_id:
                del batch.books[-1], batch.book_chains[-1]
                book = batch.books[-1]
            book.cover.address(DOMAIN, event.key.root, correlation=event.correlation_id)
            book.pages.append(EventPage.FromString(event.page))
            batch.book_chains.append(event.chain)
        return batch


class Recorder:
    """A handler that remembers what it was shown and does what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, int]] = []
        self.attempts: list[int] = []
        self.act: Callable[[Occurrence, Commit], Any] | None = None

    async def apply(self, event: Occurrence, commit: Commit) -> Sequence[Change]:
        """Note the event; run the action, which may fail."""
        self.attempts.append(event.attempt)
        changes = await self.act(event, commit) if self.act else []
        self.seen.append((event.key.root, event.sequence))
        return changes or []


class WatchedLedger:
    """A ledger that shows what was committed, and is out of order when told."""

    def __init__(self, inner: Ledger) -> None:
        self.inner = inner
        self.changes: list[Change] = []
        self.checkpoint = 0
        self.failures = 0

    def __getattr__(self, name: str) -> Any:
        """Pass on everything else."""
        return getattr(self.inner, name)

    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Pass on and remember."""
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError("out of order")
        await self.inner.commit(lease, changes)
        self.changes += changes
        for change in changes:
            if isinstance(change, Advance):
                self.checkpoint = change.new

    def saved(self, state: LetterState) -> list[Letter]:
        """Return the letters that were saved with this state."""
        saved = [change.letter for change in self.changes if isinstance(change, SaveLetter)]
        return [letter for letter in saved if letter.state is state]


class CrashPoint(Faults):
    """Ends the subscriber the n-th time that it passes a point."""

    def __init__(self) -> None:
        self.point = ""
        self.countdown = 0

    def arm(self, point: str, nth: int = 1) -> None:
        """Wait for the n-th time."""
        self.point, self.countdown = point, nth

    def at(self, point: str) -> None:
        """Fail there."""
        if point == self.point:
            self.countdown -= 1
            if not self.countdown:
                raise CrashError(point)


class CrashError(Exception):
    """The process has ended."""


class World:
    """The parts of a test; `start` may be called again after `crash`."""

    def __init__(self, system: System, died: list[BaseException], point: CrashPoint) -> None:
        self.point = point
        self.system = system
        self.died = died
        self.handler = Recorder()
        self.heard: list[tuple[int, list[int]]] = []
        self.faults: list[tuple[str, str]] = []
        self.wants: Callable[[EventBook], bool] = lambda _: True
        self.stop = asyncio.Event()
        self.stood_by = asyncio.Event()
        self.running: asyncio.Task[None] | None = None

    async def open(self, store: Store, bus: Bus) -> None:
        """Open the log of the domain and the ledger of the subscriber."""
        self.store, self.bus = store, bus
        self.log = await store.log(DOMAIN)
        self.feed = LogFeed(self.log)
        self.ledger = WatchedLedger(store.ledger)

    async def record(
        self, root: int, count: int = 1, *, publish: bool = True, edition: str = "angzarr"
    ) -> None:
        """Append events to a root and announce them."""
        key = RootKey(edition=edition, root=bytes([root]) * 16)
        command_id = str(self.system.randomness.uuid4())
        _, base = await self.log.recall(command_id, key)
        pages = [EventPage(num=base + index, command_id=command_id) for index in range(count)]
        for page in pages:
            page.event.Pack(StringValue(value=f"event {page.num}"))
        batch = Batch(
            command_id=command_id,
            key=key,
            type_url="x",
            base=base,
            correlation_id="c",
            created_at="2026-01-01T00:00:00Z",
            pages=tuple(page.SerializeToString() for page in pages),
        )
        stored = await self.log.append(batch)
        if publish:
            self.publish(stored, key)
        await self.system.clock.sleep(0.01)

    def publish(self, stored: Any, key: RootKey) -> None:
        """Offer the frame of an append to the bus."""
        row = stored.row
        self.bus.publish(
            Frame(
                domain=DOMAIN,
                epoch=row.epoch,
                edition=key.edition,
                root=key.root,
                sequence=row.first_sequence,
                position=row.first_position,
                count=row.count,
                command_id=row.command_id,
                correlation_id="c",
                pages=stored.pages,
            )
        )

    def policy(self) -> Policy:
        """Return the rules of a subscriber of this world."""
        return Policy(
            wants=self.wants,
            report=self.report,
            stands_by=self.stood_by.set,
            begun=self.begun,
            stored=self.stored,
            duration=DURATION,
            attempts=3,
            poll_seconds=0.2,
            window=512,
        )

    def start(
        self,
        *,
        attempts: int = 3,
        window: int = 512,
        poll_seconds: float = 0.2,
        name: str = "saga",
        component: str = "",
    ) -> None:
        """Run the subscriber."""
        policy = replace(
            self.policy(),
            attempts=attempts,
            window=window,
            poll_seconds=poll_seconds,
            component=component,
        )
        source = Source(domain=DOMAIN, feed=self.feed, bus=self.bus)
        self.subscription = Subscription(name, source, self.ledger, policy, self.system)
        self.stop = asyncio.Event()
        self.running = self.system.tasks.start("s", self._run(self.subscription))

    async def _run(self, subscription: Subscription) -> None:
        await subscription.run(await subscription.take(), self.handler, self.stop)

    async def replay(self, *positions: int) -> None:
        """Ask for letters to be tried again, as an operator does; return when that has ended."""
        ids = [f"saga:{DOMAIN}:{it}" for it in positions]
        await self.store.ledger.request_replay(ids)
        for id_ in ids:
            await self.subscription.resume((await self.filed(id_)).key)

    async def discard(self, position: int) -> None:
        """Give a letter up, as an operator does; return when its root cannot go on."""
        id_ = f"saga:{DOMAIN}:{position}"
        assert await self.store.ledger.discard_letter(id_, "lost")
        await self.subscription.resume((await self.filed(id_)).key)

    async def filed(self, id_: str) -> Letter:
        """Return a letter as it is stored."""
        found = await self.store.ledger.letter(id_)
        assert found is not None
        return found.letter

    async def states(self, *positions: int) -> list[str]:
        """Return how far letters have come."""
        return [str((await self.filed(f"saga:{DOMAIN}:{it}")).state) for it in positions]

    async def report(self, condition: str, fault: str) -> None:
        """Remember what a subscriber says of itself."""
        self.faults.append((condition, fault))

    def begun(self, lease: Lease, flush: Callable[[], None]) -> None:
        """Remember where the subscriber begins, and how it is made to move."""
        self.heard.append((lease.position, []))
        self.flush = flush

    def stored(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Remember how far the subscriber says that it has come."""
        moved = [it.new for it in changes if isinstance(it, Advance)]
        self.heard.append((lease.position, moved))

    async def listen(self, **policy: Any) -> None:
        """Run the subscriber and wait until it hears the bus."""
        self.start(**policy)
        await self.until(lambda: self.feed.reads)

    async def crash(self) -> None:
        """End every task of the subscriber at once, as a kill does."""
        await self.system.tasks.aclose()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition, at most ten seconds."""
        async with asyncio.timeout(10):
            while not condition():
                await self.system.clock.sleep(0.5)

    async def until_checkpoint(self, position: int) -> None:
        """Wait until the durable checkpoint of the subscriber is at `position`."""
        await self.until(lambda: self.ledger.checkpoint == position)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in memory with a channel bus."""
    died: list[BaseException] = []
    point = CrashPoint()
    system = replace(
        real_system(lambda _, error: died.append(error)), clock=QuickClock(), faults=point
    )
    made = World(system, died, point)
    store = await MemoryStore.open(StoreConfig(url="", component="saga"), system)
    await made.open(store, await ChannelBus.open(BusConfig(url=""), system))
    yield made
    await system.tasks.aclose()
    await store.aclose()
