"""Clients of a simulated system: commands, repeats, wrong sequences, reads."""

import asyncio
import re

from angzarr.types_pb2 import CommandResponse, EventPage
from angzarr_client import Client, CommandError
from angzarr_history import (
    Accepted,
    Claim,
    Invoked,
    ReadBegun,
    ReadEnded,
    Refused,
    Unsettled,
)
from angzarr_service import CallError
from angzarr_store import MAIN_EDITION, RootKey, with_position

from .shop_logic import Kind, Order, root_of
from .system import GATEWAY, Shop

REJECTIONS = frozenset({3, 5, 6, 7, 9, 11})
NOT_RECORDED = frozenset({"INVALID_ARGUMENT", "COMMAND_ID_REUSED", "UNKNOWN_DOMAIN"})
AT = re.compile(r"aggregate at (\d+)")
ATTEMPTS = 4


class Customer:
    """One client: does one thing after the other, and writes down what it heard."""

    def __init__(self, number: int, shop: Shop) -> None:
        self._shop = shop
        self._chance = shop.loop.chance
        self._history = shop.recorder.history
        self._in_flight = shop.recorder.in_flight
        self._number = number
        self._done: list[tuple[str, str, Order, bytes]] = []
        self._next: dict[tuple[str, bytes], int] = {}
        system = shop.client_system(f"client-{number}")
        self._client = Client(
            GATEWAY,
            clock=system.clock,
            randomness=system.randomness,
            transport=system.transport,
        )
        self._clock = system.clock

    async def shop(self, commands: int) -> None:
        """Send commands until there were enough, with reads and repeats between."""
        for number in range(commands):
            await self._clock.sleep(self._chance.random() * 0.05)
            await self._command(number)
            if self._chance.random() < 0.2:
                await self._read()
            if self._done and self._chance.random() < 0.2:
                await self._repeat()

    async def _command(self, number: int) -> None:
        order = self._order(number)
        domain = "order" if self._chance.random() < 0.7 else "stock"
        root = root_of(self._chance.randrange(self._shop.plan.roots))
        command_id = f"c-{self._number}-{number}"
        key = RootKey(edition=MAIN_EDITION, root=root)
        self._history.add(Invoked(command_id=command_id, domain=domain, key=key))
        is_wrong = self._chance.random() < 0.1
        sequence = self._next.get((domain, root), 0) + is_wrong * self._chance.randint(1, 3)
        await self._until_known(command_id, (domain, key), order, sequence)

    async def _until_known(
        self, command_id: str, place: tuple[str, RootKey], order: Order, sequence: int
    ) -> None:
        domain, key = place
        unknown, name, heard = False, "command", Heard("", is_unknown=False)
        if sequence > self._next.get((domain, key.root), 0):
            name = "mismatch"
        for _ in range(ATTEMPTS):
            doing = name
            self._in_flight[doing] += 1
            try:
                response = await self._send(command_id, place, order, sequence)
            except (CommandError, TimeoutError) as error:
                heard = self._heard(error)
                unknown = unknown or heard.is_unknown
                if heard.is_rejected:
                    return self._refused(command_id, place, heard, is_final=True)
                sequence = sequence if heard.following is None else heard.following
                name = "repeat" if heard.is_unknown else "mismatch"
                if heard.following is not None:
                    self._next[domain, key.root] = heard.following
                    self._refused(command_id, place, heard, is_final=False)
            else:
                return self._accepted(command_id, place, order, response)
            finally:
                self._in_flight[doing] -= 1
        if unknown:
            return self._history.add(Unsettled(command_id=command_id))
        return self._refused(command_id, place, heard, is_final=True)

    async def _send(
        self, command_id: str, place: tuple[str, RootKey], order: Order, sequence: int
    ) -> CommandResponse:
        book = order.book(place[0], place[1].root, sequence)
        book.command_id = command_id
        patience = self._chance.choice((0.02, 1.0, 1.0, 4.0))
        async with asyncio.timeout(patience if patience < 1 else None):
            return await self._client.send(book, timeout_seconds=max(patience, 1.0))

    def _heard(self, error: CommandError | TimeoutError) -> "Heard":
        if not isinstance(error, CommandError):
            return Heard("CANCELLED", is_unknown=True)
        at = AT.search(error.message) if error.reason == "SEQUENCE_MISMATCH" else None
        is_rejected = error.code in REJECTIONS and error.reason not in NOT_RECORDED
        return Heard(
            error.reason,
            is_unknown=error.is_unknown,
            is_rejected=is_rejected,
            following=int(at[1]) if at else None,
        )

    def _accepted(
        self, command_id: str, place: tuple[str, RootKey], order: Order, response: CommandResponse
    ) -> None:
        domain, key = place
        events = tuple(
            Claim(sequence=it.num, position=it.position, page=stored(it))
            for it in response.events.pages
        )
        self._history.add(Accepted(command_id=command_id, domain=domain, key=key, events=events))
        self._done.append((command_id, domain, order, key.root))
        if events:
            self._next[domain, key.root] = events[-1].sequence + 1

    def _refused(
        self, command_id: str, place: tuple[str, RootKey], heard: "Heard", *, is_final: bool
    ) -> None:
        self._history.add(
            Refused(
                command_id=command_id,
                domain=place[0],
                key=place[1],
                reason=heard.reason,
                is_final=is_final,
                is_recorded=heard.is_rejected,
                following=heard.following,
            )
        )

    async def _repeat(self) -> None:
        command_id, domain, order, root = self._chance.choice(self._done)
        key = RootKey(edition=MAIN_EDITION, root=root)
        self._in_flight["repeat"] += 1
        try:
            response = await self._send(command_id, (domain, key), order, 0)
        except (CommandError, TimeoutError) as error:
            heard = self._heard(error)
            if heard.is_rejected:
                self._refused(command_id, (domain, key), heard, is_final=True)
        else:
            self._accepted(command_id, (domain, key), order, response)
        finally:
            self._in_flight["repeat"] -= 1

    async def _read(self) -> None:
        domain = "order" if self._chance.random() < 0.5 else "stock"
        key = RootKey(
            edition=MAIN_EDITION, root=root_of(self._chance.randrange(self._shop.plan.roots))
        )
        read = len(self._history.records)
        self._history.add(ReadBegun(read=read, domain=domain, key=key))
        self._in_flight["read"] += 1
        try:
            book = await self._client.book(domain, key.root, timeout_seconds=1.0)
        except CallError:
            return
        finally:
            self._in_flight["read"] -= 1
        pages = tuple((it.num, stored(it)) for it in book.pages)
        self._history.add(ReadEnded(read=read, domain=domain, key=key, pages=pages))
        self._next[domain, key.root] = len(pages)

    def _order(self, number: int) -> Order:
        chance, poison = self._chance, self._shop.plan.poison
        kinds = (Kind.EVENTS,) * 8 + (
            Kind.REFUSED,
            Kind.INVALID,
            Kind.REVOKED,
            Kind.PICKY,
            Kind.NOISE,
        )
        kind = Kind.POISON if chance.random() < poison else chance.choice(kinds)
        return Order(
            kind=kind,
            events=chance.choice((0, 1, 1, 1, 2, 3)),
            fanout=chance.choice((0, 1, 1, 2, 3)),
            tag=self._number * 1000 + number,
        )


def stored(page: EventPage) -> bytes:
    """Return the bytes that a page is stored as: its position is appended to the rest."""
    rest = EventPage()
    rest.CopyFrom(page)
    rest.ClearField("position")
    return with_position(rest.SerializeToString(), page.position)


class Heard:
    """What an answer that is no acceptance said."""

    def __init__(
        self,
        reason: str,
        *,
        is_unknown: bool,
        is_rejected: bool = False,
        following: int | None = None,
    ) -> None:
        self.reason = reason
        self.is_unknown = is_unknown
        self.is_rejected = is_rejected
        self.following = following
