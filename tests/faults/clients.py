"""Clients that write down what they asked and what they heard."""

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandBook, CommandResponse, EventPage
from angzarr_client import Client, CommandError
from angzarr_history import (
    Accepted,
    Claim,
    History,
    Invoked,
    ReadBegun,
    ReadEnded,
    Refused,
    Unsettled,
)
from angzarr_service import CallError
from angzarr_store import MAIN_EDITION, RootKey, with_position

REJECTIONS = frozenset({3, 5, 6, 7, 9, 11})
NOT_RECORDED = frozenset({"INVALID_ARGUMENT", "COMMAND_ID_REUSED", "UNKNOWN_DOMAIN"})
AT = re.compile(r"aggregate at (\d+)")
WORDS = ("add", "add", "add", "add", "pair", "nothing", "refuse")
ATTEMPTS = 60
GIVE_UP = 0.15  # after a failure that says nothing about the root
REMEMBERED = 50
CANCELLING = 0.1  # who has less patience goes away; who has more says so in the deadline


@dataclass(slots=True, kw_only=True)
class Workload:
    """What clients share: the history, their chances, what is in flight, who knows what."""

    address: str
    roots: int
    chance: random.Random
    patience: tuple[float, ...] = (0.05, 0.2, 2.0, 5.0)
    history: History = field(default_factory=History)
    in_flight: Counter[str] = field(default_factory=Counter)
    following: dict[bytes, int] = field(default_factory=dict)
    accepted: int = 0
    unsettled: int = 0
    idle: bool = False  # between what it does, a client waits as long as that took
    stopping: bool = False

    def root(self) -> bytes:
        """Return one of the roots."""
        return self.chance.randrange(1, self.roots + 1).to_bytes(16, "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an answer that is no acceptance said."""

    reason: str
    is_unknown: bool
    is_rejected: bool = False
    following: int | None = None

    @staticmethod
    def of(error: CommandError | TimeoutError) -> "Heard":
        """Return what a failure says; nobody waits for an answer after a timeout of our own."""
        if not isinstance(error, CommandError):
            return Heard(reason="CANCELLED", is_unknown=True)
        at = AT.search(error.message) if error.reason == "SEQUENCE_MISMATCH" else None
        return Heard(
            reason=error.reason,
            is_unknown=error.is_unknown,
            is_rejected=error.code in REJECTIONS and error.reason not in NOT_RECORDED,
            following=int(at[1]) if at else None,
        )


class Customer:
    """One client: commands, repeats of what was accepted, reads."""

    def __init__(self, name: str, load: Workload) -> None:
        self._name = name
        self._load = load
        self._done: list[CommandBook] = []
        self._number = 0

    async def run(self, *, commands: int = 0) -> None:
        """Work until the load stops, or until so many commands were sent."""
        async with Client(self._load.address) as client:
            while not self._load.stopping and (not commands or self._number < commands):
                began = time.monotonic()
                await self._command(client)
                if self._load.chance.random() < 0.2:
                    await self._read(client)
                if self._done and self._load.chance.random() < 0.2:
                    await self._repeat(client)
                await asyncio.sleep((time.monotonic() - began) * self._load.idle)

    async def _command(self, client: Client) -> None:
        self._number += 1
        command_id, root = f"{self._name}-{self._number}", self._load.root()
        text = f"{self._load.chance.choice(WORDS)} {command_id}"
        book = CommandBook.to("order", root, StringValue(value=text))
        book.command_id = command_id
        self._load.history.add(Invoked(command_id=command_id, domain="order", key=key_of(root)))
        unknown, heard = False, Heard(reason="", is_unknown=False)
        for _ in range(ATTEMPTS):
            book.pages[0].sequence = self._load.following.get(root, 0)
            outcome = await self._send(client, book, "command")
            if outcome is None:
                return None
            heard, unknown = outcome, unknown or outcome.is_unknown
            if heard.is_rejected:
                return self._refused(book, heard, is_final=True)
            if heard.following is not None:
                self._refused(book, heard, is_final=False)
            elif self._load.chance.random() < GIVE_UP:
                break
        if unknown:
            self._load.unsettled += 1
            return self._load.history.add(Unsettled(command_id=command_id))
        return self._refused(book, heard, is_final=True)

    async def _send(self, client: Client, book: CommandBook, operation: str) -> Heard | None:
        """Send once; None says that it was accepted."""
        load = self._load
        patience = load.chance.choice(load.patience)
        load.in_flight[operation] += 1
        try:
            async with asyncio.timeout(patience if patience < CANCELLING else None):
                response = await client.send(book, timeout_seconds=max(patience, CANCELLING))
        except (CommandError, TimeoutError) as error:
            heard = Heard.of(error)
            if heard.following is not None:
                load.following[book.cover.root.value] = heard.following
            return heard
        finally:
            load.in_flight[operation] -= 1
        self._accept(book, response)
        return None

    def _accept(self, book: CommandBook, response: CommandResponse) -> None:
        load, root = self._load, book.cover.root.value
        events = tuple(
            Claim(sequence=it.num, position=it.position, page=stored(it))
            for it in response.events.pages
        )
        load.history.add(
            Accepted(command_id=book.command_id, domain="order", key=key_of(root), events=events)
        )
        load.accepted += 1
        if events:
            load.following[root] = max(load.following.get(root, 0), events[-1].sequence + 1)
        if len(self._done) < REMEMBERED:
            self._done.append(book)

    def _refused(self, book: CommandBook, heard: Heard, *, is_final: bool) -> None:
        self._load.history.add(
            Refused(
                command_id=book.command_id,
                domain="order",
                key=key_of(book.cover.root.value),
                reason=heard.reason,
                is_final=is_final,
                is_recorded=heard.is_rejected,
                following=heard.following,
            )
        )

    async def _repeat(self, client: Client) -> None:
        book = self._load.chance.choice(self._done)
        heard = await self._send(client, book, "repeat")
        if heard is not None and not heard.is_unknown:
            self._refused(book, heard, is_final=heard.is_rejected)

    async def _read(self, client: Client) -> None:
        load, key = self._load, key_of(self._load.root())
        read = len(load.history.records)
        load.history.add(ReadBegun(read=read, domain="order", key=key))
        load.in_flight["read"] += 1
        try:
            book = await client.book("order", key.root, timeout_seconds=2.0)
        except CallError:
            return
        finally:
            load.in_flight["read"] -= 1
        pages = tuple((it.num, stored(it)) for it in book.pages)
        load.history.add(ReadEnded(read=read, domain="order", key=key, pages=pages))
        load.following[key.root] = max(load.following.get(key.root, 0), len(pages))


def key_of(root: bytes) -> RootKey:
    """Return the key of a root of main."""
    return RootKey(edition=MAIN_EDITION, root=root)


def stored(page: EventPage) -> bytes:
    """Return the bytes that a page is stored as: its position is appended to the rest."""
    rest = EventPage()
    rest.CopyFrom(page)
    rest.ClearField("position")
    return with_position(rest.SerializeToString(), page.position)
