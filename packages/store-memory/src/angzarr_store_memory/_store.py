"""Store, log and ledger over rows in memory."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import islice

from typing_extensions import override

from angzarr_ports import Metrics, System
from angzarr_store import (
    EMPTY_CHAIN,
    FIRST_TIMER,
    MAIN_EDITION,
    Appended,
    Audit,
    Backlog,
    Batch,
    Change,
    Event,
    EventLog,
    FeedPage,
    Filed,
    Head,
    Lease,
    Ledger,
    Letter,
    LetterQuery,
    LetterState,
    LogMismatchError,
    PositionPastHeadError,
    Reaction,
    ReactionState,
    RefusedError,
    RootKey,
    Store,
    StoreConfig,
    StoreError,
    Timer,
    TimerPlace,
    check_log_name,
    count_appends,
    fitting,
    whole_appends,
)
from angzarr_store_memory._audit import MemoryAudit
from angzarr_store_memory._database import Database, LogRows, SubscriptionRows


class MemoryLog(EventLog):
    """One domain's log."""

    def __init__(self, domain: str, database: Database, metrics: Metrics) -> None:
        self._domain = domain
        self._metrics = metrics
        self._database = database
        self._rows = database.logs.setdefault(domain, LogRows())
        self._epoch = self._rows.take_epoch()

    @property
    @override
    def domain(self) -> str:
        return self._domain

    @override
    async def append(self, batch: Batch) -> Appended:
        answer = self._database.append(self._domain, self._epoch, batch)
        count_appends(self._metrics, self._domain, [answer])
        if isinstance(answer, StoreError):
            raise answer
        return answer

    @override
    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        following = len(self._rows.roots.get(key, []))
        row = self._rows.commands.get(command_id)
        if row is None:
            return None, following
        return Appended(row=row, pages=self._rows.pages_of(row), repeated=True), following

    @override
    async def read_root(
        self, key: RootKey, *, first: int = 0, last: int | None = None, limit_bytes: int | None
    ) -> list[Event]:
        events = self._rows.roots.get(key, [])
        found = events[first : None if last is None else last + 1]
        return found if limit_bytes is None else fitting(found, limit_bytes)

    @override
    async def read_feed(
        self, *, after: int, limit: int, limit_bytes: int, after_chain: bytes = b""
    ) -> FeedPage:
        head = self._rows.head
        if after > head.position:
            raise PositionPastHeadError(self._domain, after, head.position)
        if after_chain and after_chain != self._chain(after):
            raise LogMismatchError(self._domain, after)
        cut, wanted = 0, limit + 1
        events: list[Event] = []
        while not cut and after < head.position:
            events = self._rows.events[after : after + wanted]
            cut = whole_appends(events, head.position, limit, limit_bytes)
            wanted *= 2
        return FeedPage(events=tuple(events[:cut]), head=head)

    @override
    async def read_correlation(
        self, correlation_id: str, edition: str, *, after: int, limit: int, limit_bytes: int
    ) -> list[Event]:
        wanted = (correlation_id, edition)
        events = islice(self._rows.events, after, None)
        found = (it for it in events if (it.correlation_id, it.key.edition) == wanted)
        return fitting(list(islice(found, limit)), limit_bytes)

    @override
    async def read_roots(self) -> AsyncIterator[bytes]:
        for event in self._rows.events:
            if event.sequence == 0 and event.key.edition == MAIN_EDITION:
                yield event.key.root

    @override
    async def timers(
        self, *, after: TimerPlace = FIRST_TIMER, root: bytes = b"", limit: int
    ) -> list[Timer]:
        found = sorted(self._rows.timers.values(), key=lambda timer: timer.place)
        wanted = [it for it in found if it.place > after and root in {b"", it.key.root}]
        return wanted[:limit]

    @override
    async def cancel_timer(self, key: RootKey, timer_type: str) -> bool:
        return self._rows.timers.pop((key, timer_type), None) is not None

    @override
    async def head(self) -> Head:
        return self._rows.head

    def _chain(self, position: int) -> bytes:
        return self._rows.events[position - 1].chain if position else EMPTY_CHAIN


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


class MemoryStore(Store):
    """The reference of the contract; what it holds ends with the process.

    Opening it a second time by `reopen` keeps the rows, as a restart of a component would.
    """

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._ledger = MemoryLedger(database)

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "MemoryStore":
        return cls(Database(), system.metrics)

    @classmethod
    @override
    async def audit(cls, config: StoreConfig, system: System) -> Audit | None:
        raise RefusedError("store.kind", "memory", "what it holds ends with its process")

    def audited(self) -> Audit:
        """Return the rows as an auditor in this process sees them."""
        return MemoryAudit(self._database)

    def reopen(self) -> "MemoryStore":
        """Return a store over the same rows."""
        return MemoryStore(self._database, self._metrics)

    @override
    async def log(self, domain: str) -> EventLog:
        check_log_name(domain)
        return MemoryLog(domain, self._database, self._metrics)

    @property
    @override
    def ledger(self) -> Ledger:
        return self._ledger

    @override
    async def probe(self) -> None:
        """Memory can always commit."""

    @override
    async def aclose(self) -> None:
        """Nothing is held."""
