"""The rows of one component in memory, and the functions that change them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from angzarr_append import Answer, Known, decide
from angzarr_store import (
    EMPTY_CHAIN,
    WHOLE_DOMAIN,
    Advance,
    Apply,
    Batch,
    Change,
    CommandRow,
    DropLetter,
    Edition,
    Event,
    FencedError,
    ForgetReactions,
    ForgetSubscription,
    Fork,
    Head,
    Lease,
    Letter,
    LetterState,
    ProcessBatch,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
    Snapshot,
    StoreError,
    Timer,
    TimerGoneError,
)

_SPENT = {ReactionState.ACCEPTED, ReactionState.DISCARDED}
_UNSENT = {ReactionState.OWED, ReactionState.PARKED}
_UNSETTLED = {*_UNSENT, ReactionState.DUE}


@dataclass(slots=True)
class LogRows:
    """The log of one domain."""

    head: Head = field(default_factory=lambda: Head(position=0, epoch=0, chain=EMPTY_CHAIN))
    events: list[Event] = field(default_factory=list)
    roots: dict[RootKey, list[Event]] = field(default_factory=dict)
    commands: dict[str, CommandRow] = field(default_factory=dict)
    timers: dict[tuple[RootKey, str], Timer] = field(default_factory=dict)
    snapshots: dict[RootKey, Snapshot] = field(default_factory=dict)
    editions: dict[str, Edition] = field(default_factory=dict)
    divergences: dict[tuple[str, bytes], int] = field(default_factory=dict)

    def take_epoch(self) -> int:
        """Become the only appender; return the new epoch."""
        head = self.head
        self.head = Head(position=head.position, epoch=head.epoch + 1, chain=head.chain)
        return self.head.epoch

    def pages_of(self, row: CommandRow) -> tuple[bytes, ...]:
        """Return the pages that a command stored."""
        last = row.first_sequence + row.count - 1
        return tuple(event.page or b"" for event in self.read(row.key, row.first_sequence, last))

    def read(self, key: RootKey, first: int, last: int | None) -> list[Event]:
        """Return the events of a root with first ≤ sequence ≤ last."""
        events = self.roots.get(key, [])
        begins = events[0].sequence if events else 0
        end = None if last is None else max(0, last + 1 - begins)
        return events[max(0, first - begins) : end]

    def next_of(self, key: RootKey) -> int:
        """Return what follows the last event of a root of its own, 0 without one."""
        events = self.roots.get(key)
        return events[-1].sequence + 1 if events else 0

    def first_later(self, key: RootKey, created_at: str) -> int | None:
        """Return the first event of a root that was created later."""
        events = self.roots.get(key, [])
        return next((it.sequence for it in events if it.created_at > created_at), None)

    def fork(self, domain: str, key: RootKey) -> Fork:
        """Return what decides where a root of a named edition leaves main."""
        fork = Fork(
            domain=domain,
            name=key.edition,
            edition=self.editions.get(key.edition),
            pinned=self.divergences.get((key.edition, key.root)),
            recorded=self.divergences.get((key.edition, WHOLE_DOMAIN)),
            main_next=self.next_of(key.on_main),
            own_next=self.next_of(key),
        )
        if not fork.latest:
            return fork
        return replace(fork, later=self.first_later(key.on_main, fork.latest))

    def create_edition(self, domain: str, edition: Edition) -> Edition:
        """Keep an edition, or return the one that was made alike.

        Raises:
            EditionError: it cannot be made.
        """
        found = self.editions.setdefault(edition.name, edition)
        found.check_like(edition, domain)
        return found

    def delete_edition(self, name: str) -> bool:
        """Leave of an edition its name, and the places of its events."""
        edition = self.editions.get(name)
        if edition is None:
            return False
        self.editions[name] = replace(edition, deleted=True)
        self.divergences = {at: it for at, it in self.divergences.items() if at[0] != name}
        self.snapshots = {key: it for key, it in self.snapshots.items() if key.edition != name}
        self.timers = {at: it for at, it in self.timers.items() if at[0].edition != name}
        self.events = [
            replace(it, page=None) if it.key.edition == name else it for it in self.events
        ]
        gone = [key for key in self.roots if key.edition == name]
        self.roots.update({key: [it for it in self.events if it.key == key] for key in gone})
        return True

    def remove_due(self, fired: Timer) -> None:
        """Remove a timer that has fired, not one that was set in its place."""
        place = (fired.key, fired.timer_type)
        found = self.timers.get(place)
        if found is not None and found.deadline == fired.deadline:
            del self.timers[place]

    def append(self, domain: str, epoch: int, batch: Batch) -> Answer:
        """Do what A2 to A8 of reliability.md do."""
        row = self.commands.get(batch.command_id)
        if epoch != self.head.epoch and row is None:
            return FencedError(f"Coordinator of domain {domain}", epoch)
        known = Known(
            head=self.head,
            commands={batch.command_id: row} if row else {},
            next_sequences={batch.key: self.next_of(batch.key)},
            pages={batch.command_id: self.pages_of(row)} if row else {},
            forks={} if batch.key.is_main else {batch.key: self.fork(domain, batch.key)},
        )
        decision = decide(domain, [batch], known)
        for event in decision.events:
            self.events.append(event)
            self.roots.setdefault(event.key, []).append(event)
        self.commands.update({row.command_id: row for row in decision.commands})
        self.editions.update({it.name: it for it in decision.editions})
        self.divergences.update({(name, root): at for name, root, at in decision.divergences})
        self.head = decision.head
        return decision.answers[0]


@dataclass(slots=True)
class SubscriptionRows:
    """One subscription of one subscriber."""

    position: int = 0
    chain: bytes = EMPTY_CHAIN
    epoch: int = 0
    applied: set[int] = field(default_factory=set)
    reactions: dict[tuple[int, int], Reaction] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    projections: dict[RootKey, tuple[int, bytes]] = field(default_factory=dict)

    def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Make all changes or none.

        Raises:
            FencedError: the lease is old, or an advance does not start at the checkpoint.
        """
        fault = self.fault(lease, changes)
        if fault is not None:
            raise fault
        for change in changes:
            self._make(change)

    def fault(self, lease: Lease, changes: Sequence[Change]) -> FencedError | None:
        """Return why the changes may not be made, None if they may."""
        position = self.position
        for change in changes:
            if isinstance(change, Advance):
                position = change.new if change.old == position else -1
        if lease.epoch == self.epoch and position >= 0:
            return None
        return FencedError(f"Subscription {lease.subscriber}", lease.epoch)

    def root_letters(self, key: RootKey) -> list[Letter]:
        """Return the open letters of a root, oldest first."""
        found = [it for it in self.letters.values() if it.key == key and it.is_open]
        return sorted(found, key=lambda letter: (letter.position, letter.id))

    def discard(self, letter: Letter, note: str) -> None:
        """Discard a letter and what it is about; what else is open gets a letter of its own."""
        self.letters[letter.id] = replace(letter, state=LetterState.DISCARDED, note=note)
        mine = [it for it in self.reactions.values() if it.position == letter.position]
        for it in mine:
            if it.state in _UNSENT and letter.command_id in {"", it.command_id}:
                place = (it.position, it.index)
                self.reactions[place] = replace(it, state=ReactionState.DISCARDED)
        if any(self.reactions[it.position, it.index].state in _UNSETTLED for it in mine):
            successor = letter.successor()
            self.letters[successor.id] = successor

    def _forget(self, change: ForgetReactions | ForgetSubscription) -> None:
        if isinstance(change, ForgetReactions):
            return self._forget_reactions(change.position - 1, change.position)
        self.position, self.chain, self.epoch = 0, EMPTY_CHAIN, 0
        for rows in (self.applied, self.reactions, self.letters, self.projections):
            rows.clear()
        return None

    def _forget_reactions(self, after: int, last: int) -> None:
        if last <= 0:
            return
        self.reactions = {
            place: it
            for place, it in self.reactions.items()
            if not after < it.position <= last or it.state not in _SPENT
        }

    def _drop(self, id_: str) -> None:
        letter = self.letters.get(id_)
        if letter is not None and letter.state is LetterState.RETRYING:
            del self.letters[id_]

    def _make(self, change: Change) -> None:
        match change:
            case Apply(position=position):
                self.applied.add(position)
            case Advance(new=new, chain=chain, spent=(after, last)):
                self.position, self.chain = new, chain
                self.applied = {position for position in self.applied if position > new}
                self._forget_reactions(after, last)
            case SaveReaction(reaction=it):
                self.reactions[it.position, it.index] = it
            case ForgetReactions() | ForgetSubscription():
                self._forget(change)
            case SaveLetter(letter=letter):
                self.letters[letter.id] = letter
            case DropLetter(id=id_):
                self._drop(id_)
            case SaveProjection(key=key, sequence=sequence, projection=projection):
                newest = max((sequence, projection), self.projections.get(key, (0, b"")))
                self.projections[key] = newest


@dataclass(slots=True)
class Database:
    """Everything that one component stores."""

    logs: dict[str, LogRows] = field(default_factory=dict)
    subscriptions: dict[tuple[str, str], SubscriptionRows] = field(default_factory=dict)

    def append(self, domain: str, epoch: int, batch: Batch) -> Answer:
        """Store a batch of any kind, or nothing of it."""
        rows = self.logs[domain]
        if not isinstance(batch, ProcessBatch):
            return rows.append(domain, epoch, batch)
        fault = None if batch.command_id in rows.commands else self._fault(rows, batch)
        answer = fault or rows.append(domain, epoch, batch)
        if not isinstance(answer, StoreError):
            if batch.fires is not None:
                rows.remove_due(batch.fires)
            if not answer.repeated:
                self._make(rows, batch)
        return answer

    def _fault(self, rows: LogRows, batch: ProcessBatch) -> StoreError | None:
        fires, lease = batch.fires, batch.lease
        if fires is not None and rows.timers.get((batch.key, fires.timer_type)) != fires:
            return TimerGoneError(fires.timer_type, fires.deadline)
        if lease is None:
            return None
        return self.subscriptions[lease.subscriber, lease.domain].fault(lease, batch.changes)

    def _make(self, rows: LogRows, batch: ProcessBatch) -> None:
        for timer_type in batch.disarmed:
            rows.timers.pop((batch.key, timer_type), None)
        rows.timers.update({(it.key, it.timer_type): it for it in batch.armed})
        if batch.lease is not None:
            subscription = self.subscriptions[batch.lease.subscriber, batch.lease.domain]
            subscription.commit(batch.lease, batch.changes)
