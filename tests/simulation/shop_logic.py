"""Business logic for simulated systems: what a command does is written in its bytes."""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from google.protobuf.any_pb2 import Any as AnyMessage

from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    ComponentDescriptor,
    ContextualCommand,
    Cover,
    EventBook,
    GetDescriptorRequest,
    Projection,
    RevocationResponse,
    SagaExecuteRequest,
    SagaPrepareRequest,
    SagaPrepareResponse,
    SagaResponse,
    Target,
)
from angzarr_client import CommandRejectedError, InvalidCommandError, LogicError, TryAgainError
from angzarr_service import Call

from .folds import shown, state_of, value_of

DO, DONE, NOISE = "type.googleapis.com/sim.Do", "type.googleapis.com/sim.Done", "type.x/sim.Noise"
UNDONE, REVOKE = "type.googleapis.com/sim.Undone", "type.googleapis.com/angzarr.RevokeEventCommand"
_COMMAND = struct.Struct(">BBBI")


class Kind(IntEnum):
    """What a command leads to."""

    EVENTS = 0
    REFUSED = 1
    INVALID = 2
    REVOKED = 3
    POISON = 4
    PICKY = 5
    NOISE = 6


class Mood(Protocol):
    """Whether logic goes wrong now, and how long it takes."""

    def is_struck(self, fault: str) -> bool:
        """Say whether a fault happens now."""

    async def hesitate(self) -> None:
        """Take some time, or all there is."""

    def poisons(self, order: "Order") -> bool:
        """Say whether a subscriber fails on an event."""

    def inputs(self, name: str) -> Iterable[tuple[str, str]]:
        """Return (domain, type) of what a subscriber reads."""

    @property
    def undoes(self) -> bool:
        """Say whether aggregates take something back when a command is rejected."""

    @property
    def offers(self) -> bool:
        """Say whether logic says what its events add up to."""


class SilentError(LogicError):
    """Logic met what it did not expect."""

    code = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The bytes of a command, and those of each of its events."""

    kind: Kind
    events: int
    fanout: int
    tag: int

    def encode(self) -> bytes:
        """Return the bytes that `decode` reads."""
        return _COMMAND.pack(self.kind, self.events, self.fanout, self.tag)

    @staticmethod
    def decode(data: bytes) -> "Order":
        """Return what `encode` wrote; anything behind it is not read."""
        kind, events, fanout, tag = _COMMAND.unpack_from(data)
        return Order(kind=Kind(kind), events=events, fanout=fanout, tag=tag)

    def book(self, domain: str, root: bytes, sequence: int = 0) -> CommandBook:
        """Return the command for a root."""
        book = CommandBook()
        book.cover.domain, book.cover.root.value = domain, root
        page = book.pages.add(sequence=sequence)
        page.command.type_url, page.command.value = DO, self.encode()
        return book


NOTHING = Order(kind=Kind.EVENTS, events=0, fanout=0, tag=0)


def sent(order: Order, index: int, roots: int, calls: int) -> CommandBook:
    """Return a command that an event leads to; `calls` makes its bytes others each time."""
    number = order.tag + index
    kind = Kind.REFUSED if number % 5 == 0 else Kind.EVENTS
    kind = {Kind.PICKY: Kind.POISON, Kind.NOISE: Kind.NOISE}.get(order.kind, kind)
    events = 1 if order.kind is Kind.PICKY else 1 + number % 2
    book = Order(kind=kind, events=events, fanout=0, tag=number).book(
        "stock", root_of(number % roots)
    )
    book.pages[0].command.value += bytes([calls % 256])
    return book


def root_of(number: int) -> bytes:
    """Return the root number `number`."""
    return number.to_bytes(16, "big")


class Aggregate:
    """Answers a command as its bytes say; PICKY ones are refused at every third sequence."""

    kind = "aggregate"
    service = "angzarr.Aggregate"

    def __init__(self, name: str, mood: Mood) -> None:
        self.name = name
        self._mood = mood

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return ComponentDescriptor(name=self.name, component_type=self.kind)

    async def Handle(self, request: ContextualCommand, _: Call) -> BusinessResponse:  # noqa: N802 - the name on the wire
        """Answer one command."""
        await self._mood.hesitate()
        asked = request.command.pages[0].command
        base, state = request.events.next_sequence, state_of(request.events)
        if asked.type_url != DO:
            return self._events(NOTHING, UNDONE, int(self._mood.undoes), (base, state))
        try:
            return self._decide(Order.decode(asked.value), base, state)
        except LogicError as error:
            raise error.as_call_error() from error

    def _decide(self, order: Order, base: int, state: bytes) -> BusinessResponse:
        if order.kind is Kind.REFUSED or (order.kind is Kind.PICKY and base % 3 == 0):
            raise CommandRejectedError("refused")
        if order.kind is Kind.INVALID:
            raise InvalidCommandError("invalid")
        if order.kind is Kind.REVOKED:
            return BusinessResponse(revocation=RevocationResponse(reason="revoked"))
        if self._mood.is_struck("error"):
            raise TryAgainError("not now")
        if self._mood.is_struck("wrong"):
            return _numbered(base + 7)
        type_url = NOISE if order.kind is Kind.NOISE else DONE
        return self._events(order, type_url, order.events, (base, state))

    def _events(
        self, order: Order, type_url: str, count: int, root: tuple[int, bytes]
    ) -> BusinessResponse:
        book, (base, state) = EventBook(), root
        for index in range(count):
            page = book.pages.add(num=base + index)
            page.event.type_url = type_url
            page.event.value = value_of(order.encode(), index, state)
        if self._mood.offers:
            shown(book, state)
        return BusinessResponse(events=book)


def _numbered(number: int) -> BusinessResponse:
    book = EventBook()
    book.pages.add(num=number).event.type_url = DONE
    return BusinessResponse(events=book)


class Reacting:
    """Logic that is asked about events; each call decides other bytes under the same ids."""

    kind = ""

    def __init__(self, name: str, roots: int, mood: Mood, asked: Callable[..., None]) -> None:
        self.name = name
        self._roots = roots
        self._mood = mood
        self._asked = asked
        self._calls = 0

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return descriptor(self.name, self.kind, self._mood.inputs(self.name))


class Saga(Reacting):
    """Sends as many commands as an event says."""

    kind = "saga"
    service = "angzarr.Saga"

    async def Prepare(self, request: SagaPrepareRequest, _: Call) -> SagaPrepareResponse:  # noqa: N802 - the name on the wire
        """Ask for one destination of every third event."""
        self._asked(self.name, request.source)
        order = Order.decode(request.source.pages[0].event.value)
        covers = [Cover(domain="stock")] if order.tag % 3 == 0 else []
        for cover in covers:
            cover.root.value = root_of(order.tag % self._roots)
        return SagaPrepareResponse(destinations=covers)

    async def Execute(self, request: SagaExecuteRequest, _: Call) -> SagaResponse:  # noqa: N802 - the name on the wire
        """Return the commands."""
        await self._mood.hesitate()
        order = Order.decode(request.source.pages[0].event.value)
        if self._mood.poisons(order):
            raise SilentError("poison").as_call_error()
        if self._mood.is_struck("error"):
            raise TryAgainError("not now").as_call_error()
        self._calls += 1
        commands = [sent(order, it, self._roots, self._calls) for it in range(order.fanout)]
        return SagaResponse(commands=commands)


class Projector:
    """Shows the last event of a root."""

    kind = "projector"
    service = "angzarr.Projector"

    def __init__(self, name: str, mood: Mood, asked: Callable[..., None]) -> None:
        self.name = name
        self._mood = mood
        self._asked = asked

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return descriptor(self.name, self.kind, self._mood.inputs(self.name))

    async def Handle(self, book: EventBook, _: Call) -> Projection:  # noqa: N802 - the name on the wire
        """Project one event."""
        self._asked(self.name, book)
        await self._mood.hesitate()
        page = book.pages[0]
        if self._mood.poisons(Order.decode(page.event.value)):
            raise SilentError("poison").as_call_error()
        if self._mood.is_struck("error"):
            raise TryAgainError("not now").as_call_error()
        shown = AnyMessage(type_url=DONE, value=page.event.value)
        return Projection(cover=book.cover, sequence=page.num, projection=shown)


def descriptor(name: str, kind: str, reads: Iterable[tuple[str, str]]) -> ComponentDescriptor:
    """Return what a subscriber reads and sends."""
    outputs = [] if kind == "projector" else [Target(domain="stock", types=["sim.Do"])]
    inputs = [Target(domain=domain, types=[type_]) for domain, type_ in reads]
    return ComponentDescriptor(name=name, component_type=kind, inputs=inputs, outputs=outputs)
