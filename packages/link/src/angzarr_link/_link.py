"""The way to one peer: a stream once the peer has said hello, else none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import count

from angzarr.link_pb2 import LinkCalls, LinkHello, LinkReplies
from angzarr_link._stream import Send, Stream
from angzarr_ports import System
from angzarr_service import CallError

PROTOCOL = 1
HELLO_SECONDS = 2.0
RENEWED_SECONDS = 1800.0

Open = Callable[[], AbstractAsyncContextManager[tuple[Send, AsyncIterator[LinkReplies]]]]


class Link:
    """Opens a stream with `opened`, and another when it is lost.

    Rule: contract.md §4.15: a peer that says no hello is asked again after the next reconnect.
    A stream is renewed every half hour, before a server ends it.
    """

    def __init__(self, opened: Open, system: System) -> None:
        self.ids = count(1)
        self._opened = opened
        self._system = system
        self._stream: Stream | None = None
        self._probe: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled = asyncio.Event()
        self._is_refused = False

    def stream(self) -> Stream | None:
        """Return the open stream; without one begin to probe, unless the peer has refused."""
        found = self._stream
        if found and self._system.clock.monotonic() - found.opened_at > RENEWED_SECONDS:
            self._stream = self._probe = None
            found.retire()
        if self._probe is None and not self._is_refused:
            self._settled.clear()
            self._probe = self._system.tasks.start("link", self._run())
            self._tasks.add(self._probe)
            self._probe.add_done_callback(self._tasks.discard)
        return self._stream

    async def next_stream(self) -> Stream | None:
        """Return the open stream, or what the probe that is under way brings."""
        if self.stream() is None and self._probe is not None:
            await self._settled.wait()
        return self._stream

    def reconnected(self) -> None:
        """Note that the connection was lost: another peer may listen there now."""
        self._is_refused = False

    async def aclose(self) -> None:
        """End every stream."""
        while self._tasks:
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _run(self) -> None:
        this, found = asyncio.current_task(), None
        assert this is not None  # noqa: S101 - it was started as a task
        try:
            async with self._opened() as (send, replies):
                found = await self._greeted(send, replies, this.cancel)
                await self._carry(this, found, send, replies)
        except (CallError, TimeoutError) as error:
            is_gone = isinstance(error, CallError) and error.status.is_unavailable
            self._is_refused = found is None and not is_gone
        finally:
            self._ended(this, None)

    async def _carry(
        self,
        task: asyncio.Task[None],
        stream: Stream | None,
        send: Send,
        replies: AsyncIterator[LinkReplies],
    ) -> None:
        self._is_refused = stream is None
        if stream is None:
            return
        self._stream = stream
        self._settled.set()
        try:
            await stream.run(send, replies, self._system.tasks)
        finally:
            self._ended(task, stream)

    def _ended(self, task: asyncio.Task[None], stream: Stream | None) -> None:
        if self._stream is stream:
            self._stream = None
        if self._probe is task:
            self._probe = None
            self._settled.set()

    async def _greeted(
        self, send: Send, replies: AsyncIterator[LinkReplies], close: Callable[[], object]
    ) -> Stream | None:
        async with asyncio.timeout(HELLO_SECONDS):
            await send(LinkCalls(hello=LinkHello(protocol=PROTOCOL)))
            first = await anext(replies, None)
        if first is None or not first.hello.protocol:
            return None
        return Stream(first.hello, self._system.clock, close)
