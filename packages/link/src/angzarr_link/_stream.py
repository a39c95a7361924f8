"""One open stream to a peer that has said hello: calls go out together, replies find them."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message

from angzarr.link_pb2 import LinkCall, LinkCalls, LinkHello, LinkReplies, LinkReply
from angzarr_link._gathering import OUTER_BYTES, Gathering
from angzarr_ports import Clock, Tasks

QUIET_SECONDS = 5.0
IN_FLIGHT = 256
SPECULATIVE = "x-angzarr-speculative"

Send = Callable[[LinkCalls], Awaitable[None]]


class LostError(Exception):
    """The stream ended before the reply came."""


@dataclass(slots=True, kw_only=True, eq=False)
class Asked:
    """One call, from its first try to its reply; `deadline` is seconds of the clock.

    `is_sent` says that its bytes were given away, so that it may have acted.
    """

    kind: str
    request: Message
    metadata: Mapping[str, str]
    deadline: float
    id: int = 0
    is_sent: bool = False
    size_bytes: int = field(init=False)
    reply: asyncio.Future[LinkReply | None] = field(init=False)

    def __post_init__(self) -> None:
        """Measure it once."""
        beside = sum(len(key) + len(value) + OUTER_BYTES for key, value in self.metadata.items())
        self.size_bytes = self.request.ByteSize() + beside + 3 * OUTER_BYTES

    def fill(self, call: LinkCall, now: float) -> None:
        """Write itself into a frame that is sent at once."""
        self.is_sent = True
        call.id = self.id
        call.deadline_ms = max(1, math.ceil((self.deadline - now) * 1000))
        call.speculative = self.metadata.get(SPECULATIVE) == "true"
        call.metadata.update(self.metadata)
        getattr(call, self.kind).CopyFrom(self.request)


class Stream:
    """The calls that wait for an answer of one peer; `close` ends the stream.

    `hello` is what the peer has said; what it told of itself there is `told`, if anything.
    Rule: contract.md §4.15.
    """

    def __init__(self, hello: LinkHello, clock: Clock, close: Callable[[], object]) -> None:
        self.opened_at = self._heard_at = clock.monotonic()
        self.told = hello.component if hello.HasField("component") else None
        self._limit = hello.max_in_flight or IN_FLIGHT
        self._clock = clock
        self._close = close
        self._waiting: dict[int, Asked] = {}
        self._outbox: Gathering[Asked] = Gathering(hello.max_frame_bytes)
        self._cancels: list[int] = []
        self._ping = self._pinged = self._pong = 0
        self._is_retired = self._is_lost = False

    @property
    def has_room(self) -> bool:
        """Say whether the peer takes one more call."""
        return len(self._waiting) < self._limit

    async def ask(self, asked: Asked) -> LinkReply:
        """Return the reply to one call.

        Raises:
            LostError: there will be none on this stream.
            TimeoutError: it has not come in time; the peer is told that nobody waits.
        """
        if self._is_lost:
            raise LostError
        asked.is_sent, asked.reply = False, asyncio.get_running_loop().create_future()
        self._waiting[asked.id] = asked
        self._outbox.add(asked)
        try:
            async with asyncio.timeout(asked.deadline - self._clock.monotonic()):
                reply = await asked.reply
        finally:
            self._forget(asked)
        if reply is None:
            raise LostError
        return reply

    def retire(self) -> None:
        """Take no new call, and end with the last reply."""
        self._is_retired = True
        self._end_retired()

    async def run(self, send: Send, replies: AsyncIterator[LinkReplies], tasks: Tasks) -> None:
        """Carry calls and replies until the stream ends; then no reply comes any more.

        Raises:
            CallError: how it ended.
        """
        beside = [
            tasks.start("link writer", self._write(send)),
            tasks.start("link heart", self._beat()),
        ]
        try:
            async for frame in replies:
                self._hear(frame)
        finally:
            for task in beside:
                task.cancel()
            self._lose()

    def _forget(self, asked: Asked) -> None:
        del self._waiting[asked.id]
        if asked.is_sent and asked.reply.cancelled():
            self._cancels.append(asked.id)
            self._outbox.stir()
        self._end_retired()

    def _end_retired(self) -> None:
        if self._is_retired and not self._waiting:
            self._close()

    def _lose(self) -> None:
        self._is_lost = True
        for asked in self._waiting.values():
            if not asked.reply.done():
                asked.reply.set_result(None)

    def _hear(self, frame: LinkReplies) -> None:
        self._heard_at = self._clock.monotonic()
        self._pong = frame.pong or self._pong
        for reply in frame.replies:
            asked = self._waiting.get(reply.id)
            if asked is not None and not asked.reply.done():
                alone = LinkReply()  # a part of a frame would keep all of it in memory
                alone.CopyFrom(reply)
                asked.reply.set_result(alone)

    async def _write(self, send: Send) -> None:
        while True:
            await self._outbox.stirred()
            frame = self._frame()
            if frame.ByteSize():
                await send(frame)

    def _frame(self) -> LinkCalls:
        frame = LinkCalls(cancels=self._cancels, ping=self._ping)
        self._cancels, self._ping, now = [], 0, self._clock.monotonic()
        for asked in self._outbox.take():
            if not asked.reply.done():
                asked.fill(frame.calls.add(), now)
        return frame

    async def _beat(self) -> None:
        """Ask after a silence whether the peer is there, and end the stream if it is not."""
        while True:
            due, now = self._heard_at + QUIET_SECONDS, self._clock.monotonic()
            if now < due:
                await self._clock.sleep(due - now)
                continue
            self._pinged += 1
            self._ping = self._pinged
            self._outbox.stir()
            await self._clock.sleep(QUIET_SECONDS)
            if self._pong != self._pinged:
                self._close()
                return
