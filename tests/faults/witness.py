"""Turns what lies on disk into records of the history, during a run and at its end."""

import asyncio
from contextlib import suppress
from functools import partial

from angzarr import reaction_command_id
from angzarr_history import Asked, Committed, Dumped, History, Leased, Left, Rested, Wanted
from angzarr_store import (
    Advance,
    Apply,
    Change,
    Event,
    Letter,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
)

from . import stores
from .system import System

SAGA, PROJECTOR = "saga-order-stock", "projector-order"
SAMPLE_SECONDS = 0.5
STILL_SECONDS = 30.0


class Witness:
    """Reads checkpoints before effects, so that a checkpoint without its effect is seen."""

    def __init__(self, system: System, history: History) -> None:
        self._system = system
        self._history = history
        self._checkpoints = {SAGA: 0, PROJECTOR: 0}
        self._applied: dict[str, set[int]] = {SAGA: set(), PROJECTOR: set()}
        self._letters: dict[str, set[Letter]] = {SAGA: set(), PROJECTOR: set()}
        self._commanded: set[str] = set()
        self._projected: dict[RootKey, int] = {}
        self.lag = dict.fromkeys((SAGA, PROJECTOR), 0)

    async def run(self, stop: asyncio.Event) -> None:
        """Sample until `stop`; a sample that was begun is finished."""
        while not stop.is_set():
            await self.sample()
            with suppress(TimeoutError):
                async with asyncio.timeout(SAMPLE_SECONDS):
                    await stop.wait()

    async def sample(self) -> None:
        """Add what both subscribers have committed since the last sample."""
        self._history.extend(await asyncio.to_thread(self._sample))

    def _sample(self) -> list[Committed]:
        records = []
        for subscriber in (SAGA, PROJECTOR):
            if not self._path(subscriber).exists() or not self._path("stock").exists():
                continue
            lease = stores.lease(self._path(subscriber), subscriber, "order")
            applied = {
                row[0]
                for row in stores.rows(self._path(subscriber), stores.APPLIED, subscriber, "order")
            }
            changes = self._reacted() if subscriber == SAGA else self._projections()
            changes += self._lettered(subscriber)
            changes += [Apply(position=it) for it in sorted(applied - self._applied[subscriber])]
            before = self._checkpoints[subscriber]
            if lease.position != before:
                changes.append(Advance(old=before, new=lease.position, chain=lease.chain))
            self._applied[subscriber] |= applied
            self._checkpoints[subscriber] = lease.position
            end = stores.head(self._path("order"), "order")
            self.lag[subscriber] = end - lease.position
            if changes:
                records.append(Committed.of((subscriber, "order", lease.epoch), changes))
        return records

    def _reacted(self) -> list[Change]:
        """Return the reactions whose commands are stored since the last sample."""
        by_id = {
            reaction_of(event).command_id: reaction_of(event)
            for event in stores.dump(self._path("order"), "order").events
        }
        found = {row[0] for row in stores.rows(self._path("stock"), stores.COMMAND_IDS, "stock")}
        fresh = (found - self._commanded) & by_id.keys()
        self._commanded |= fresh
        done = sorted((by_id[it] for it in fresh), key=lambda it: it.position)
        pairs = ((it, accepted(it)) for it in done)
        return [SaveReaction(reaction=state) for pair in pairs for state in pair]

    def _projections(self) -> list[Change]:
        changes: list[Change] = []
        path = self._path(PROJECTOR)
        for edition, root, sequence in stores.rows(path, stores.PROJECTIONS, PROJECTOR, "order"):
            key = RootKey(edition=edition, root=root)
            changes += [
                SaveProjection(key=key, sequence=at, projection=b"")
                for at in range(self._projected.get(key, -1) + 1, sequence + 1)
            ]
            self._projected[key] = max(sequence, self._projected.get(key, -1))
        return changes

    def _lettered(self, subscriber: str) -> list[Change]:
        """Return the letters since the last sample; eight attempts without an answer are one."""
        found = stores.backlog(self._path(subscriber), subscriber, "order").letters
        fresh = [it for it in found if it not in self._letters[subscriber]]
        self._letters[subscriber] |= {*fresh}
        return [SaveLetter(letter=it) for it in fresh]

    async def settled(self) -> bool:
        """Wait until both subscribers have done all of the log; say whether that came about.

        As long as one of them moves there is no hurry.
        """
        places: tuple[int, ...] = ()
        while len(set(places)) != 1:
            try:
                await self._system.until(
                    partial(self._has_moved, places), "settled", seconds=STILL_SECONDS
                )
            except AssertionError:
                return False
            places = await asyncio.to_thread(self._places)
        return True

    def _has_moved(self, places: tuple[int, ...]) -> bool:
        return self._places() != places

    def _places(self) -> tuple[int, ...]:
        """Return the head of the log and how far each subscriber is."""
        found = [stores.lease(self._path(it), it, "order").position for it in (SAGA, PROJECTOR)]
        return (stores.head(self._path("order"), "order"), *found)

    def finish(self, *, is_quiet: bool) -> None:
        """Add the final state of every database, read after the end of every process."""
        history = self._history
        order = stores.dump(self._path("order"), "order")
        history.extend(self._asked())
        history.extend(self._sample())
        history.extend(self._owed(order))
        history.extend((order, stores.dump(self._path("stock"), "stock")))
        for event in order.events:
            history.add(wanted(SAGA, event, 1))
            history.add(wanted(PROJECTOR, event, None))
        for name in (SAGA, PROJECTOR):
            path = self._path(name)
            lease = stores.lease(path, name, "order")
            history.add(Leased(lease=lease, backlog=stores.backlog(path, name, "order")))
        heads = (("order", len(order.events)),)
        history.add(Rested(heads=heads, is_quiet=is_quiet))
        history.extend(Left(what=it) for it in self._system.left())

    def _owed(self, order: Dumped) -> list[Committed]:
        """Return the reactions without a result: every event leads to one."""
        owed: list[Change] = [
            SaveReaction(reaction=reaction)
            for reaction in map(reaction_of, order.events)
            if reaction.command_id not in self._commanded
        ]
        return [Committed.of((SAGA, "order", 10**9), owed)] if owed else []

    def _asked(self) -> list[Asked]:
        """Return the calls of the subscribers' logic in the order of time."""
        if not self._system.journal.exists():
            return []
        lines = self._system.journal.read_text(encoding="ascii").splitlines()
        calls = sorted((line.split() for line in lines), key=lambda it: int(it[0]))
        return [
            Asked(
                subscriber=subscriber,
                domain=domain,
                key=RootKey(edition="angzarr", root=bytes.fromhex(root)),
                sequence=int(sequence),
            )
            for _, subscriber, domain, root, sequence in calls
        ]

    def _path(self, component: str) -> stores.Place:
        return self._system.database(component)


def wanted(subscriber: str, event: Event, commands: int | None) -> Wanted:
    """Return that a subscriber must handle an event."""
    return Wanted(
        subscriber=subscriber,
        domain="order",
        position=event.position,
        key=event.key,
        sequence=event.sequence,
        commands=commands,
    )


def reaction_of(event: Event) -> Reaction:
    """Return the command that the saga decides on an event, as it is owed."""
    source = ("order", event.key.edition, event.key.root, event.sequence)
    id_ = str(reaction_command_id(SAGA, source, 0))
    return Reaction(position=event.position, index=0, command_id=id_, command=b"")


def accepted(reaction: Reaction) -> Reaction:
    """Return the reaction with its result."""
    return Reaction(
        position=reaction.position,
        index=0,
        command_id=reaction.command_id,
        command=b"",
        state=ReactionState.ACCEPTED,
    )
