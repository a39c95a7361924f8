"""The calls of one open link on the side that answers them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from google.protobuf.message import Message

from angzarr.link_pb2 import LinkCall, LinkCalls, LinkReplies, LinkReply
from angzarr.types_pb2 import RpcStatus
from angzarr_link._gathering import FRAME_CALLS, OUTER_BYTES, Gathering
from angzarr_link._places import Place
from angzarr_ports import Tasks
from angzarr_service import Call, Handlers, RequestError

METADATA_BYTES = 8192
UNIMPLEMENTED, ABSENT = 12, "Method not found!"

Work = Callable[[Message, Call], Awaitable[Message]]


@dataclass(frozen=True, slots=True)
class Ready:
    """One reply that can go."""

    reply: LinkReply

    @property
    def size_bytes(self) -> int:
        """Return how large it is in a frame."""
        return self.reply.ByteSize() + OUTER_BYTES


class Session:
    """Answers the calls of one stream with what a server answers to calls that come alone.

    `caller` opened it; `works` are the methods by the field of their request. At most
    `limit_calls` are unanswered: beyond that no frame is read.
    """

    def __init__(
        self,
        works: Mapping[str, tuple[Place, Work]],
        handlers: Handlers,
        tasks: Tasks,
        *,
        caller: Call,
        limit_calls: int,
    ) -> None:
        self._works = works
        self._handlers = handlers
        self._tasks = tasks
        self._caller = caller
        self._limit_calls = limit_calls
        self._outbox: Gathering[Ready] = Gathering(0)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._pongs = deque[int](maxlen=1)
        self._room = asyncio.Event()
        self._last_id = 0
        self._is_leaving = False
        self._failure: RequestError | None = None

    def leave(self) -> None:
        """End with the last reply that is owed."""
        self._is_leaving = True
        self._outbox.stir()

    async def read(self, frames: AsyncIterator[LinkCalls]) -> None:
        """Take calls until the peer sends no more, or something that is no frame."""
        try:
            async for frame in frames:
                self._take(frame)
                await self._have_room()
        except RequestError as error:
            self._failure = error
        self.leave()

    async def frame(self) -> LinkReplies | None:
        """Return what has gathered since the last frame; None at the end.

        Raises:
            RequestError: the peer has sent something that is no frame.
        """
        while not (self._outbox or self._pongs):
            if self._failure is not None:
                raise self._failure
            if self._is_leaving and not self._running:
                return None
            await self._outbox.stirred()
        found = LinkReplies(pong=self._pongs.pop() if self._pongs else 0)
        found.replies.extend(ready.reply for ready in self._outbox.take())
        self._room.set()
        return found

    def close(self) -> None:
        """Give up what still runs: nobody waits for it."""
        for task in self._running.values():
            task.cancel()

    async def _have_room(self) -> None:
        while len(self._running) + len(self._outbox) > self._limit_calls:
            self._room.clear()
            await self._room.wait()

    def _take(self, frame: LinkCalls) -> None:
        if len(frame.calls) > FRAME_CALLS:
            text = f"LinkCalls of {len(frame.calls)} calls exceeds the limit of {FRAME_CALLS} calls"
            raise RequestError("INVALID_ARGUMENT", text, field="calls")
        self._outbox.limit_bytes = frame.hello.max_frame_bytes or self._outbox.limit_bytes
        for call in frame.calls:
            if call.id > self._last_id:
                self._last_id = call.id
                self._begin(call)
        for number in frame.cancels:
            if number in self._running:
                self._running[number].cancel()
        if frame.ping:
            self._pongs.append(frame.ping)
            self._outbox.stir()

    def _begin(self, call: LinkCall) -> None:
        alone, number = LinkCall(), call.id  # a part of a frame would keep all of it in memory
        alone.CopyFrom(call)
        task = self._tasks.start("link call", self._answer(alone))
        self._running[number] = task
        task.add_done_callback(lambda _: self._ended(number))

    def _ended(self, number: int) -> None:
        del self._running[number]
        self._room.set()
        self._outbox.stir()

    async def _answer(self, sent: LinkCall) -> None:
        seconds, metadata = sent.deadline_ms / 1000, dict(sent.metadata)
        peer, identity = self._caller.peer, self._caller.identity
        call = self._handlers.begun(seconds, metadata, peer, identity)
        found = await self._handlers.answered(self._work, sent, call)
        reply = LinkReply(status=found) if isinstance(found, RpcStatus) else found
        reply.id = sent.id
        self._outbox.add(Ready(reply))

    async def _work(self, sent: LinkCall, call: Call) -> LinkReply:
        self._check(sent)
        kind = sent.WhichOneof("call") or ""
        if kind not in self._works:
            return LinkReply(status=RpcStatus(code=UNIMPLEMENTED, message=ABSENT))
        place, work = self._works[kind]
        request: Message = getattr(sent, kind)
        self._handlers.authorise(place.method, request, call)
        reply = await work(request, call)
        return LinkReply(**{place.result: reply})  # type: ignore[arg-type]  # as the place says

    @staticmethod
    def _check(sent: LinkCall) -> None:
        size = sum(len(key) + len(value) for key, value in sent.metadata.items())
        if size > METADATA_BYTES:
            raise RequestError.too_large("Metadata", size, METADATA_BYTES)
        if not sent.deadline_ms:
            text = "LinkCall must have a deadline"
            raise RequestError("INVALID_ARGUMENT", text, field="deadline_ms")
