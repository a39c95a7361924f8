"""Clients of a simulated system: commands, repeats, wrong sequences, reads, editions."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from angzarr import rpc
from angzarr.edition_pb2 import CreateEditionRequest, DeleteEditionRequest
from angzarr.types_pb2 import CommandResponse, Cover, Query, SyncMode
from angzarr_client import Client, CommandError
from angzarr_history import Accepted, Awaited, Invoked, ReadBegun, ReadEnded, Refused, Unsettled
from angzarr_service import CallError, Channels
from angzarr_store import MAIN_EDITION, RootKey

from .answers import Errand, Heard, claims, outcome, stored
from .shop_logic import Kind, Order, root_of
from .system import GATEWAY, Shop

ATTEMPTS = 4
EDITIONS = ("try", "what-if")
MODES = (SyncMode.SYNC_MODE_SIMPLE, SyncMode.SYNC_MODE_CASCADE)


class Customer:
    """One client: does one thing after the other, and writes down what it heard."""

    def __init__(self, number: int, shop: Shop) -> None:
        self._shop = shop
        self._features = shop.features
        self._chance = shop.loop.chance
        self._history = shop.recorder.history
        self._in_flight = shop.recorder.in_flight
        self._number = number
        self._done: list[Errand] = []
        self._next: dict[tuple[str, RootKey], int] = {}
        system = shop.client_system(f"client-{number}")
        self._client = Client(
            GATEWAY,
            clock=system.clock,
            randomness=system.randomness,
            transport=system.transport,
        )
        self._channels = Channels(transport=system.transport)
        self._clock = system.clock

    async def shop(self, commands: int) -> None:
        """Send commands until there were enough, with reads and repeats between."""
        if self._features.has_editions and self._chance.random() < 0.3:
            await self._branch()
        for number in range(commands):
            await self._clock.sleep(self._chance.random() * 0.05)
            await self._command(number)
            if self._features.has_editions and self._features.deletes:
                await self._forget()
            if self._chance.random() < 0.2:
                await self._read()
            if self._done and self._chance.random() < 0.2:
                await self._repeat()

    async def _branch(self) -> None:
        """Make an edition that leaves main at a point, or wherever its roots do."""
        request = CreateEditionRequest(name=self._chance.choice(EDITIONS))
        if self._chance.random() < 0.5:
            request.divergence_point.as_of_sequence = self._chance.randrange(4)
        with suppress(CallError), self._doing("edition"):
            await self._channels.call(
                GATEWAY, rpc.EditionService.CreateEdition, request, timeout_seconds=1.0
            )

    async def _forget(self) -> None:
        """Delete the second edition now and then; its name is spent from then on."""
        if self._chance.random() < 0.05:
            request = DeleteEditionRequest(name=EDITIONS[1])
            with suppress(CallError), self._doing("edition"):
                await self._channels.call(
                    GATEWAY, rpc.EditionService.DeleteEdition, request, timeout_seconds=1.0
                )

    async def _command(self, number: int) -> None:
        domain = "order" if self._chance.random() < 0.75 else "stock"
        errand = Errand(
            command_id=f"c-{self._number}-{number}",
            domain=domain,
            key=self._key(),
            order=self._order(number),
            mode=self._mode(),
            divergence=self._divergence(),
        )
        invoked = Invoked(command_id=errand.command_id, domain=domain, key=errand.key)
        self._history.add(invoked)
        is_wrong = self._chance.random() < 0.1
        sequence = self._following(errand) + is_wrong * self._chance.randint(1, 3)
        await self._until_known(errand, sequence)

    def _following(self, errand: Errand) -> int:
        main = self._next.get((errand.domain, errand.key.on_main), 0)
        return self._next.get((errand.domain, errand.key), main)

    async def _until_known(self, errand: Errand, sequence: int) -> None:
        unknown, name, heard = False, "command", Heard("", is_unknown=False)
        if sequence > self._following(errand):
            name = "mismatch"
        for _ in range(ATTEMPTS):
            try:
                with self._doing(name, *self._beside(errand)):
                    response = await self._send(errand, sequence)
            except (CommandError, TimeoutError) as error:
                heard = Heard.of(error)
                unknown = unknown or heard.is_unknown
                if heard.is_rejected:
                    return self._refused(errand, heard, is_final=True)
                sequence = sequence if heard.following is None else heard.following
                name = "repeat" if heard.is_unknown else "mismatch"
                if heard.following is not None:
                    self._next[errand.domain, errand.key] = heard.following
                    self._refused(errand, heard, is_final=False)
            else:
                return self._accepted(errand, response)
        if unknown:
            return self._history.add(Unsettled(command_id=errand.command_id))
        return self._refused(errand, heard, is_final=True)

    async def _send(self, errand: Errand, sequence: int) -> CommandResponse:
        book = errand.book(sequence)
        book.cover.correlation_id = f"flow-{errand.order.tag % self._features.flows}"
        patience = self._chance.choice((0.02, 1.0, 1.0, 4.0))
        async with asyncio.timeout(patience if patience < 1 else None):
            return await self._client.send(
                book, sync_mode=errand.mode, timeout_seconds=max(patience, 1.0)
            )

    def _accepted(self, errand: Errand, response: CommandResponse) -> None:
        domain, key, events = errand.domain, errand.key, claims(response)
        answer = Accepted(command_id=errand.command_id, domain=domain, key=key, events=events)
        self._history.add(answer)
        self._done.append(errand)
        if events:
            self._next[domain, key] = events[-1].sequence + 1
        if events and errand.mode:
            self._history.add(
                Awaited(
                    command_id=errand.command_id,
                    components=errand.awaited(self._features.places),
                    outcomes=tuple(outcome(it) for it in response.outcomes),
                )
            )

    def _refused(self, errand: Errand, heard: Heard, *, is_final: bool) -> None:
        self._history.add(
            Refused(
                command_id=errand.command_id,
                domain=errand.domain,
                key=errand.key,
                reason=heard.reason,
                is_final=is_final,
                is_recorded=heard.is_rejected,
                following=heard.following,
            )
        )

    async def _repeat(self) -> None:
        errand = self._chance.choice(self._done)
        try:
            with self._doing("repeat", *self._beside(errand)):
                response = await self._send(errand, 0)
        except (CommandError, TimeoutError) as error:
            heard = Heard.of(error)
            if heard.is_rejected:
                self._refused(errand, heard, is_final=True)
        else:
            self._accepted(errand, response)

    async def _read(self) -> None:
        domain = "order" if self._chance.random() < 0.5 else "stock"
        key = self._key()
        read = len(self._history.records)
        self._history.add(ReadBegun(read=read, domain=domain, key=key))
        query = Query(cover=Cover().address(domain, key.root, edition=key.edition))
        try:
            with self._doing("read"):
                book = await self._channels.call(
                    GATEWAY, rpc.EventQuery.GetEventBook, query, timeout_seconds=1.0
                )
        except CallError:
            return
        pages = tuple((it.num, stored(it)) for it in book.pages)
        self._history.add(ReadEnded(read=read, domain=domain, key=key, pages=pages))
        self._next[domain, key] = len(pages)

    def _key(self) -> RootKey:
        root = root_of(self._chance.randrange(self._shop.plan.roots))
        is_other = self._features.has_editions and self._chance.random() < 0.4
        return RootKey(
            edition=self._chance.choice(EDITIONS) if is_other else MAIN_EDITION, root=root
        )

    def _mode(self) -> SyncMode.ValueType:
        is_waiting = self._features.has_modes and self._chance.random() < 0.4
        return self._chance.choice(MODES) if is_waiting else SyncMode.SYNC_MODE_NONE

    def _divergence(self) -> int | None:
        is_told = self._features.has_editions and self._chance.random() < 0.1
        return self._chance.randrange(4) if is_told else None

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
            fanout=chance.choice((0, 1, 2, 3, 3)),
            tag=self._number * 1000 + number,
        )

    def _beside(self, errand: Errand) -> Iterator[str]:
        yield from errand.operations
        if (errand.domain, errand.key) in self._shop.recorder.snapshots:
            yield "snapshot"

    @contextmanager
    def _doing(self, *operations: str) -> Iterator[None]:
        for it in operations:
            self._in_flight[it] += 1
        try:
            yield
        finally:
            for it in operations:
                self._in_flight[it] -= 1
