"""Channels whose calls travel within links where the peer has one."""

import asyncio
from contextlib import suppress
from typing import TypeVar

from google.protobuf.message import Message
from typing_extensions import override

from angzarr import Method
from angzarr.link_pb2 import LinkReply
from angzarr.types_pb2 import ComponentDescriptor, RpcStatus
from angzarr_link._link import Link
from angzarr_link._places import BY_PATH, DESCRIBING, PLACES, Place
from angzarr_link._stream import Asked, LostError, Stream
from angzarr_ports import System
from angzarr_service import CallError, Channels, Fault
from angzarr_settings import Settings

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE = 2, 4, 13, 14
LAST_CODE = 16
TRIES = 2
CALL_BYTES = 4 * 1024 * 1024
SHORTEST_SECONDS = 0.001


class LinkedChannels(Channels):
    """Channels that probe for a link, and make a call alone where there is none.

    Rule: contract.md §4.15. What was in flight when a stream was lost is asked for again on the
    next one, then alone; a command whose bytes were sent is not (ADR 14). A transport that stands
    in for gRPC says whether it has streams both ways.
    """

    def __init__(self, system: System, *, limit_bytes: int, is_off: bool = False) -> None:
        super().__init__(limit_bytes=limit_bytes, transport=system.transport, trust=system.trust)
        self._system = system
        self._call_bytes = min(limit_bytes, CALL_BYTES)
        self._is_off = is_off or not (system.transport is None or system.transport.has_links)
        self._links: dict[tuple[str, str], Link] = {}

    @staticmethod
    def of(settings: Settings, system: System) -> "LinkedChannels":
        """Return the channels that the settings of a process mean."""
        limit, is_off = settings.limits.message_bytes, settings.component.link == "off"
        return LinkedChannels(system, limit_bytes=limit, is_off=is_off)

    @override
    async def call(
        self,
        address: str,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> ReplyT:
        place, clock = BY_PATH.get(method.path), self._system.clock
        deadline = clock.monotonic() + timeout_seconds
        if method.path in DESCRIBING and not self._is_off:
            told = await self._told(address, timeout_seconds / 2)
            if isinstance(told, method.reply):
                return told
        if place is not None and not self._is_off:
            link = self._link(address, place)
            asked = Asked(
                kind=place.call, request=request, metadata=dict(metadata), deadline=deadline
            )
            reply = await self._within(link, place, asked)
            if reply is not None and not reply.need_history:
                return _result(place, method, reply)
        left = max(SHORTEST_SECONDS, deadline - clock.monotonic())
        try:
            return await super().call(
                address, method, request, timeout_seconds=left, metadata=metadata
            )
        except CallError as error:
            if error.fault is Fault.SILENCE:
                self._reconnected(address)
            raise

    @override
    async def aclose(self) -> None:
        for link in self._links.values():
            await link.aclose()
        await super().aclose()

    def _link(self, address: str, place: Place) -> Link:
        key = (address, place.link.service)
        if key not in self._links:
            self._links[key] = Link(lambda: self.exchange(address, place.link), self._system)
        return self._links[key]

    def _reconnected(self, address: str) -> None:
        for (where, _), link in self._links.items():
            if where == address:
                link.reconnected()

    async def _within(self, link: Link, place: Place, asked: Asked) -> LinkReply | None:
        """Return the reply that came within the link, None for a call that has to go alone."""
        stream = link.stream() if asked.size_bytes <= self._call_bytes else None
        for _ in range(TRIES):
            if stream is None or not stream.has_room:
                break
            asked.id = next(link.ids)
            try:
                return await stream.ask(asked)
            except TimeoutError as error:
                raise _late(is_sent=asked.is_sent) from error
            except LostError as error:
                if asked.is_sent and not place.repeats:
                    raise _lost() from error
            stream = await self._next(link, asked)
        return None

    async def _told(self, address: str, seconds: float) -> ComponentDescriptor | None:
        """Return the descriptor in the hello of logic, which replaces GetDescriptor."""
        stream = await self._waited(self._link(address, PLACES[0]), seconds)
        return stream.told if stream is not None else None

    async def _next(self, link: Link, asked: Asked) -> Stream | None:
        return await self._waited(link, asked.deadline - self._system.clock.monotonic())

    @staticmethod
    async def _waited(link: Link, seconds: float) -> Stream | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await link.next_stream()
        return None


def _result(place: Place, method: Method[RequestT, ReplyT], reply: LinkReply) -> ReplyT:
    if reply.HasField("status"):
        status = reply.status
        if not 0 < status.code <= LAST_CODE:
            status.code = UNKNOWN
        details = status.SerializeToString() if status.details else b""
        raise CallError(status, details, reached=True)
    found = getattr(reply, place.result)
    if reply.WhichOneof("result") != place.result or not isinstance(found, method.reply):
        status = RpcStatus(code=INTERNAL, message="the reply is not that of the call")
        raise CallError(status, b"", reached=True, fault=Fault.GARBAGE)
    return found


def _late(*, is_sent: bool) -> CallError:
    status = RpcStatus(code=DEADLINE_EXCEEDED, message="Deadline Exceeded")
    return CallError(status, b"", reached=is_sent, fault=Fault.LATENESS)


def _lost() -> CallError:
    status = RpcStatus(code=UNAVAILABLE, message="the link was lost")
    return CallError(status, b"", reached=True, fault=Fault.SILENCE)
