"""What one subscriber gets of one domain, pulled from the stream (reliability.md §11)."""

import asyncio
import json
from contextlib import suppress

from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from nats.js.manager import JetStreamManager
from typing_extensions import override

from angzarr_bus import Frame, FrameError, FrameQueue, Inbox
from angzarr_bus_nats._client import FAILURES, NatsClient
from angzarr_bus_nats._complaint import Complaint
from angzarr_bus_nats._connection import Connection
from angzarr_bus_nats._names import consumer_name, stream_name
from angzarr_bus_nats._streams import API_SECONDS
from angzarr_ports import System

PULL_FRAMES = 256
PULL_SECONDS = 5.0
RETRY_SECONDS = 0.25
OPEN_SECONDS = 2.0
FORGOTTEN_SECONDS = 60.0
NO_STREAM = 10059
DEAF = "bus.no_consumer"
BROKEN = frozenset({"409", "503"})


class NatsInbox(Inbox):
    """Asks for frames again before all it asked for have come; what does not fit is dropped.

    Replicas of a subscriber share its consumer and the subject of the answers, so that each hears
    every frame, whoever asked for it.
    """

    def __init__(
        self,
        domain: str,
        subscriber: str,
        limit_frames: int,
        connection: Connection,
        system: System,
    ) -> None:
        self._domain = domain
        self._complaint = Complaint(DEAF)
        self._stream = stream_name(domain)
        self._consumer = consumer_name(domain, subscriber)
        self._connection = connection
        self._clock = system.clock
        self._queue = FrameQueue(limit_frames)
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._missed_nothing = False
        self._again = asyncio.Event()
        self._heard = 0
        self._is_broken = False
        self._listening = system.tasks.start(f"nats {self._consumer}", self._listen_on())

    async def open(self) -> None:
        """Return when frames arrive, or when the server is not there or has nothing yet."""
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_SECONDS):
                await self._settled.wait()

    @override
    async def receive(self) -> Frame | None:
        while self._queue.is_empty:
            self._wake.clear()
            await self._wake.wait()
        return self._queue.take()

    @override
    async def aclose(self) -> None:
        self._listening.cancel()
        await asyncio.wait([self._listening])
        self._queue.clear()

    async def _listen_on(self) -> None:
        while True:
            client = await self._connection.reached()
            try:
                await self._listen(client)
            except FAILURES as error:
                if not (self._missed_nothing or client.lost.is_set()):
                    self._complaint.raise_once(str(error), domain=self._domain)
            self._settled.set()
            await self._clock.sleep(RETRY_SECONDS)

    async def _listen(self, client: NatsClient) -> None:
        """Pull until the consumer or the connection is lost; who was away is told to read."""
        await self._ensure_consumer(client)
        client.watchers.add(self._again)
        answers = f"{client.inbox_prefix}.{self._consumer}"
        hearing = await client.subscribe(answers, cb=self._hear, pending_msgs_limit=0)
        try:
            if self._settled.is_set():
                self._offer(None)
            self._settled.set()
            self._complaint.withdraw()
            self._is_broken = False
            while not (self._is_broken or client.lost.is_set()):
                await self._pull(client, answers)
        finally:
            self._offer(None)
            client.watchers.discard(self._again)
            with suppress(*FAILURES):
                await hearing.unsubscribe()

    async def _ensure_consumer(self, client: NatsClient) -> None:
        """Make the consumer if need be: for what comes now, or all that a new stream holds."""
        manager = JetStreamManager(client, timeout=API_SECONDS)
        try:
            await manager.consumer_info(self._stream, self._consumer)
        except NotFoundError as error:
            if error.err_code == NO_STREAM:
                self._missed_nothing = True
                raise
            config = ConsumerConfig(
                durable_name=self._consumer,
                deliver_policy=DeliverPolicy.ALL if self._missed_nothing else DeliverPolicy.NEW,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=FORGOTTEN_SECONDS,
                mem_storage=True,
            )
            await manager.add_consumer(self._stream, config)
        self._missed_nothing = False

    async def _pull(self, client: NatsClient, answers: str) -> None:
        self._heard = 0
        self._again.clear()
        wanted = {"batch": PULL_FRAMES, "expires": int(PULL_SECONDS * 1e9)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        await client.publish(subject, json.dumps(wanted).encode(), reply=answers)
        with suppress(TimeoutError):
            async with asyncio.timeout(PULL_SECONDS):
                await self._again.wait()

    async def _hear(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        if status is None:
            self._heard += 1
            self._offer(_frame(message.data))
        self._is_broken = self._is_broken or status in BROKEN
        if self._is_broken or self._heard >= PULL_FRAMES // 2:
            self._again.set()

    def _offer(self, frame: Frame | None) -> None:
        self._queue.offer(frame)
        self._wake.set()


def _frame(data: bytes) -> Frame | None:
    try:
        return Frame.decode(data)
    except FrameError:
        return None
