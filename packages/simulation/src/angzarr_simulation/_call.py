"""One call between simulated processes, from the request to the last reply."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Protocol

from angzarr_ports import CallFailedError
from angzarr_simulation._chances import Dice
from angzarr_simulation._loop import SimulatedLoop
from angzarr_simulation._ports import lag
from angzarr_simulation._process import Process

LATE, UNAVAILABLE = 4, 14
CUT = "Socket closed"
DETAILS_KEY = "grpc-status-details-bin"

Metadata = tuple[tuple[str, str], ...]
END = object()


class Wire(Protocol):
    """What a call travels on."""

    @property
    def loop(self) -> SimulatedLoop:
        """Return the loop."""

    @property
    def dice(self) -> Dice:
        """Return what decides of faults."""

    def later(self, work: Callable[[], object]) -> None:
        """Do something of nobody's some time later."""


class AbortedError(Exception):
    """A handler answered with a status."""

    def __init__(self, failure: CallFailedError) -> None:
        super().__init__()
        self.failure = failure


class Call:
    """One call on its way; `finish` takes the reply or the failure on the caller's side."""

    def __init__(
        self,
        network: Wire,
        caller: Process,
        target: tuple[str, str],
        data: bytes,
        deadline: float | None,
        metadata: Metadata,
    ) -> None:
        self.network = network
        self.caller = caller
        self.address, self.path = target
        self.data = data
        self.deadline = deadline
        self.metadata = metadata
        self.answerer: Process | None = None
        self.work: asyncio.Task[None] | None = None
        self.is_open = True
        self.is_mute = False
        self.inbox: deque[object] = deque()
        self.sent: deque[object] = deque()
        self.arrival: asyncio.Future[None] = network.loop.create_future()

    def time_remaining(self) -> float | None:
        """Return the seconds that the caller still waits, None without a deadline."""
        return None if self.deadline is None else self.deadline - self.network.loop.now

    def invocation_metadata(self) -> Metadata:
        """Return what the caller sent beside the request."""
        return self.metadata

    async def abort(self, code: Any, message: str = "", trailing_metadata: Any = ()) -> None:  # noqa: ANN401 - as gRPC
        """Answer with a status; never returns."""
        details = dict(trailing_metadata).get(DETAILS_KEY, b"")
        raise AbortedError(CallFailedError(code.value[0], message, details))

    def deliver(self, item: object) -> None:
        """Hand an item to the caller, or drop it if nobody waits any more."""
        if self.is_open:
            self.inbox.append(item)
            if not self.arrival.done():
                self.arrival.set_result(None)

    def deliver_next(self) -> None:
        """Hand over the oldest item that is under way."""
        self.deliver(self.sent.popleft())

    def send(self, item: object) -> None:
        """Send an item back; it and all behind it may be lost, or the connection cut instead."""
        network, name = self.network, self.answerer.name if self.answerer else ""
        self.is_mute = self.is_mute or network.dice.strikes("mute", name)
        if self.is_mute:
            return
        if network.dice.strikes("reset", name):
            item, self.is_mute = CallFailedError(UNAVAILABLE, CUT), True
        self.sent.append(item)
        network.later(self.deliver_next)

    def peer(self) -> str:
        """Return who called."""
        return f"unix:{self.caller.name}"

    async def write(self, reply: bytes) -> None:
        """Send one reply of a stream."""
        self.send(reply)
        await self.network.loop.pause(lag(self.network.loop.chance))

    def expire(self) -> None:
        """Give up waiting."""
        self.deliver(CallFailedError(LATE, "Deadline Exceeded"))
        self.close()

    def cut(self) -> None:
        """Lose the connection."""
        if self.is_open:
            self.network.later(partial(self.deliver, CallFailedError(UNAVAILABLE, CUT)))

    def close(self) -> None:
        """End it on the caller's side; the other side is told."""
        self.caller_left()
        self.is_open = False

    def caller_left(self) -> None:
        """Tell the handler some time later that nobody waits."""
        if self.is_open and self.work is not None and not self.work.done():
            self.network.later(self.work.cancel)

    async def receive(self) -> object:
        """Wait for the next item."""
        if not self.inbox:
            self.arrival = self.network.loop.create_future()
            await self.arrival
        return self.inbox.popleft()


class Replies:
    """The replies of a stream on the caller's side."""

    def __init__(self, call: Call, expiry: asyncio.TimerHandle | None) -> None:
        self._call = call
        self._expiry = expiry

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        item = await self._call.receive()
        if item is END:
            raise StopAsyncIteration
        if isinstance(item, CallFailedError):
            raise item
        assert isinstance(item, bytes)  # noqa: S101 - handlers send bytes
        return item

    def cancel(self) -> None:
        """End the stream."""
        if self._expiry is not None:
            self._expiry.cancel()
        self._call.close()
