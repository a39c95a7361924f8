"""The components of a deployment as one process calls them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from hashlib import blake2b
from typing import TypeVar

from google.protobuf.message import Message

from angzarr import Method
from angzarr_access import CLASSES, Class
from angzarr_discovery import Component, Discovery
from angzarr_ports import Clock
from angzarr_service import CallError, Channels, Fault

SHUN_SECONDS = 5.0

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)


class Replicas:
    """Calls a component at the replica that a root prefers, else at another one.

    What was certainly not applied is asked of the next replica, and so is a question. One that
    was silent comes last for SHUN_SECONDS.

    Rule: architecture.md §6: correctness never depends on which replica it is.
    """

    def __init__(self, discovery: Discovery, channels: Channels, clock: Clock) -> None:
        self.discovery = discovery
        self._channels = channels
        self._clock = clock
        self._shunned: dict[str, float] = {}

    async def call(
        self,
        component: Component,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float,
        root: bytes = b"",
    ) -> ReplyT:
        """Return the reply of the coordinator of `component`; `root` is what the call is about.

        Raises:
            CallError: as of `Channels.call`, of the last replica that was asked.
        """
        deadline = self._clock.monotonic() + timeout_seconds
        addresses = self.ranked(component, root)
        while True:
            address = addresses.pop(0)
            left = deadline - self._clock.monotonic()
            try:
                return await self._channels.call(address, method, request, timeout_seconds=left)
            except CallError as error:
                if not (self._passes_on(address, method, error) and addresses):
                    raise

    async def stream(
        self,
        component: Component,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float | None,
        root: bytes = b"",
    ) -> AsyncGenerator[ReplyT, None]:
        """Yield the replies of one replica; without a timeout the stream stays open.

        Raises:
            CallError: as of `call`; behind a first reply no other replica is asked.
        """
        addresses = self.ranked(component, root)
        while True:
            address, is_begun = addresses.pop(0), False
            replies = self._channels.stream(
                address, method, request, timeout_seconds=timeout_seconds
            )
            try:
                async with aclosing(replies):
                    async for reply in replies:
                        is_begun = True
                        yield reply
            except CallError as error:
                if is_begun or not (self._passes_on(address, method, error) and addresses):
                    raise
            else:
                return

    def ranked(self, component: Component, root: bytes) -> list[str]:
        """Return the addresses of a component in the order in which a root prefers them.

        Each address has a rank of its own (rendezvous hashing): one that comes or goes moves no
        other root than those that prefer it.
        """
        if len(component.addresses) == 1:
            return [*component.addresses]
        now = self._clock.monotonic()

        def rank(address: str) -> tuple[bool, bytes]:
            is_shunned = self._shunned.get(address, now) > now
            return is_shunned, blake2b(root + address.encode(), digest_size=8).digest()

        return sorted(component.addresses, key=rank)

    def _passes_on(self, address: str, method: Method[RequestT, ReplyT], error: CallError) -> bool:
        """Say whether another replica may be asked."""
        if error.fault in {Fault.SILENCE, Fault.LATENESS}:
            self._shunned[address] = self._clock.monotonic() + SHUN_SECONDS
        is_safe = CLASSES[method.path] is Class.READ or not error.is_unknown
        return error.status.is_unavailable and is_safe
