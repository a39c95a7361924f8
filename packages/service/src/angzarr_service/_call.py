"""One call, while it is answered."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from angzarr_service._errors import RequestError

OPENED = ("x-angzarr-stream", "open")


class Response(Protocol):
    """The part of grpc's context that an answer may touch."""

    async def send_initial_metadata(self, metadata: tuple[tuple[str, str], ...], /) -> None:
        """Send the headers before the first reply."""

    def set_trailing_metadata(self, metadata: tuple[tuple[str, str], ...], /) -> None:
        """Keep what is sent behind the last reply."""


@dataclass(slots=True, kw_only=True)
class Call:
    """What a request carries beside its message, and how far it has come.

    Units: `deadline` is seconds of the clock, `latest` when a stream without one ends anyway;
    `waiting` is what enforces it now. `acting` says that a failure from now on leaves open
    whether `command_id` took effect. Without a `response` there is nobody to send headers to.
    `leave` makes a stream end itself soon; without it draining cancels one. `peer` called, with
    `metadata` (contract.md §3.7); `identity` is the component that its certificate names, "" on
    this machine, None if it names none.
    """

    deadline: float
    idempotency_key: str
    peer: str = ""
    identity: str | None = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    latest: float = math.inf
    is_open: bool = False
    waiting: asyncio.Timeout | None = None
    acting: bool = False
    command_id: str = ""
    response: Response | None = None
    leave: Callable[[], object] | None = None

    async def begin(self) -> None:
        """Send the headers: the caller may count on what it asked for from now on."""
        if self.response is not None:
            await self.response.send_initial_metadata((OPENED,))

    def end(self, key: str, value: str) -> None:
        """Send a trailer when the stream ends."""
        if self.response is not None:
            self.response.set_trailing_metadata(((key, value),))

    def remaining(self, now: float) -> float:
        """Return the seconds that are left, at least 0."""
        return max(0.0, self.deadline - now)

    def stay_open(self) -> None:
        """Leave out the deadline: the stream goes on until its caller leaves."""
        longer, self.is_open = self.latest - self.deadline, True
        self.deadline = self.latest
        if self.waiting is not None:
            self.waiting.reschedule((self.waiting.when() or math.inf) + longer)

    def act(self, command_id: str) -> None:
        """Begin what may take effect although no answer comes."""
        self.acting, self.command_id = True, command_id

    def settle(self) -> None:
        """Note that it is certain: nothing took effect."""
        self.acting = False

    def late(self) -> RequestError:
        """Return the answer when the time is over."""
        if self.acting:
            return RequestError.unknown(self.command_id)
        if self.is_open:
            return RequestError.closed()
        return RequestError("DEADLINE", "Deadline exceeded; nothing was stored")
