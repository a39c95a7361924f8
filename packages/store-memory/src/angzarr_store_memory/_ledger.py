"""The ledger of a component over rows in memory."""

from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from angzarr_store import (
    Backlog,
    Change,
    Filed,
    Lease,
    Ledger,
    Letter,
    LetterQuery,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
)
from angzarr_store_memory._database import Database, SubscriptionRows


class MemoryLedger(Ledger):
    """The subscriptions of one component."""

    def __init__(self, database: Database) -> None:
        self._subscriptions = database.subscriptions

    @override
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        rows = self._subscriptions.setdefault((subscriber, domain), SubscriptionRows())
        rows.epoch += 1
        return Lease(
            subscriber=subscriber,
            domain=domain,
            epoch=rows.epoch,
            position=rows.position,
            chain=rows.chain,
        )

    @override
    async def backlog(self, lease: Lease) -> Backlog:
        rows = self._rows(lease)
        open_ = [
            reaction
            for (position, _), reaction in sorted(rows.reactions.items())
            if reaction.state is ReactionState.DUE
            or (position > lease.position and position not in rows.applied)
        ]
        letters = [
            it.without_bytes()
            for it in sorted(rows.letters.values(), key=lambda letter: letter.position)
            if it.is_open or it.state is LetterState.RETRYING
        ]
        return Backlog(
            applied=frozenset(rows.applied), reactions=tuple(open_), letters=tuple(letters)
        )

    @override
    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        self._rows(lease).commit(lease, changes)

    @override
    async def projection(self, lease: Lease, key: RootKey) -> tuple[int, bytes] | None:
        return self._rows(lease).projections.get(key)

    @override
    async def reactions(self, lease: Lease, position: int) -> tuple[Reaction, ...]:
        found = sorted(self._rows(lease).reactions.items())
        return tuple(reaction for (at, _), reaction in found if at == position)

    @override
    async def letters(
        self, wanted: LetterQuery, *, after: tuple[str, str] = ("", ""), limit: int
    ) -> list[Filed]:
        found = [it for it in self._wanted(wanted) if (it.parked_at, it.id) > after]
        found.sort(key=lambda letter: (letter.parked_at, letter.id))
        return [self._filed(it.without_bytes()) for it in found[:limit]]

    @override
    async def count_letters(self, wanted: LetterQuery) -> int:
        return len(self._wanted(wanted))

    @override
    async def letter(self, id_: str) -> Filed | None:
        for rows in self._subscriptions.values():
            if id_ in rows.letters:
                return self._filed(rows.letters[id_])
        return None

    @override
    async def root_letters(
        self, subscriber: str, domain: str, key: RootKey, *, limit: int
    ) -> list[Letter]:
        found = self._subscriptions[subscriber, domain].root_letters(key)
        return [it.without_bytes() for it in found[:limit]]

    @override
    async def request_replay(self, ids: Sequence[str]) -> None:
        for rows in self._subscriptions.values():
            for id_ in ids:
                letter = rows.letters.get(id_)
                if letter is not None and letter.state is LetterState.PARKED:
                    rows.letters[id_] = replace(letter, state=LetterState.REPLAY)

    @override
    async def discard_letter(self, id_: str, note: str) -> bool:
        filed = await self.letter(id_)
        if filed is None or filed.letter.state is not LetterState.PARKED:
            return False
        self._subscriptions[filed.letter.subscriber, filed.letter.domain].discard(
            filed.letter, note
        )
        return True

    @override
    async def file_letter(self, letter: Letter) -> None:
        place = (letter.subscriber, letter.domain)
        self._subscriptions.setdefault(place, SubscriptionRows()).letters[letter.id] = letter

    def _wanted(self, wanted: LetterQuery) -> list[Letter]:
        rows = self._subscriptions.values()
        return [it for each in rows for it in each.letters.values() if wanted.matches(it)]

    def _filed(self, letter: Letter) -> Filed:
        rows = self._subscriptions[letter.subscriber, letter.domain]
        later = [it for it in rows.root_letters(letter.key) if it.position > letter.position]
        return Filed(letter=letter, waiting=len(later))

    def _rows(self, lease: Lease) -> SubscriptionRows:
        return self._subscriptions[lease.subscriber, lease.domain]
