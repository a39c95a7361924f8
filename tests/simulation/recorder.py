"""Writes down what happens, and what was in flight when a fault struck."""

from collections import Counter
from collections.abc import Sequence

from angzarr import decision_id
from angzarr.types_pb2 import EventBook
from angzarr_history import (
    Asked,
    Committed,
    FeedRead,
    History,
    Leased,
    LettersDecided,
    Stepped,
    TimerCancelled,
)
from angzarr_store import (
    Advance,
    Backlog,
    Change,
    EventLog,
    FeedPage,
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
    Timer,
)

OPERATIONS = (
    *("command", "repeat", "mismatch", "read", "reaction", "projection", "process", "timer"),
    *("edition", "simple", "cascade", "snapshot", "replay"),
)
READING = ("saga", "projector", "process")
STORING = ("aggregate", *READING)
CALLED = ("gateway", "aggregate", "logic")
WHOLE = ("gateway", *STORING, "logic")
MEETS = {
    **dict.fromkeys(("kill", "freeze", "part", "jump"), WHOLE),
    "point": ("gateway", *STORING),
    **dict.fromkeys(("lose", "mute", "reset"), CALLED),
    **dict.fromkeys(("takeover", "fill"), STORING),
    **dict.fromkeys(("drop", "repeat", "delay", "shrink"), READING),
    **dict.fromkeys(("slow", "wrong", "silent", "error"), ("logic",)),
}

Cell = tuple[str, str, str]


def decision_of(domain: str, key: RootKey, sequence: int) -> str:
    """Return the id under which the process manager decides on an event."""
    return decision_id("process", (domain, key.edition, key.root, sequence))


def kind_of(process: str) -> str:
    """Return the kind of component that a process is."""
    if process.startswith("logic-"):
        return "logic"
    return "aggregate" if process in {"order", "stock"} else process.partition("-")[0]


class Recorder:
    """The history of one run, what was in flight at each fault, and where readers stand."""

    def __init__(self) -> None:
        self.history = History()
        self.matrix: Counter[Cell] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.checkpoints: dict[tuple[str, str], int] = {}
        self.logs: dict[str, EventLog] = {}
        self.leases: dict[tuple[str, str], Lease] = {}
        self.reactions: dict[str, tuple[tuple[str, str], Reaction]] = {}
        self.projecting: set[tuple[RootKey, int]] = set()
        self.deciding: set[str] = set()
        self.timers: dict[tuple[RootKey, str], Timer] = {}
        self.snapshots: dict[tuple[str, RootKey], Snapshot] = {}
        self.parked: set[tuple[tuple[str, str], int]] = set()
        self.replaying: set[str] = set()
        self.given_up: set[tuple[tuple[str, str], int]] = set()
        self.gone: set[tuple[str, str]] = set()

    def struck(self, fault: str, process: str) -> None:
        """Count every operation that a fault met."""
        kind = kind_of(process)
        if kind not in MEETS.get(fault, ()):
            return
        for operation, count in self.in_flight.items():
            if count > 0:
                self.matrix[operation, fault, kind] += 1

    def asked(self, subscriber: str, book: EventBook) -> None:
        """Note a call of a subscriber's logic."""
        key = RootKey(edition=book.cover.edition_name, root=book.cover.root.value)
        domain, sequence = book.cover.domain, book.pages[0].num
        record = Asked(subscriber=subscriber, domain=domain, key=key, sequence=sequence)
        self.history.add(record)
        if subscriber == "projector":
            self.projecting.add((key, sequence))
            self.in_flight["projection"] = len(self.projecting)
        if subscriber == "process":
            self.deciding.add(decision_of(domain, key, sequence))
            self.in_flight["process"] = len(self.deciding)

    def opened(self, log: EventLog) -> None:
        """Keep the log of a domain as it is on disk."""
        self.logs[log.domain] = log

    def leased(self, lease: Lease, backlog: Backlog) -> None:
        """Note a subscription as it is on disk."""
        self.history.add(Leased(lease=lease, backlog=backlog))
        self.checkpoints[lease.subscriber, lease.domain] = lease.position
        self.leases[lease.subscriber, lease.domain] = lease

    def committed(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Note a durable transaction."""
        place = (lease.subscriber, lease.domain)
        self.history.add(Committed.of((*place, lease.epoch), changes))
        for change in changes:
            match change:
                case Advance(new=new):
                    self.checkpoints[place] = new
                case SaveReaction(reaction=it):
                    self._react(place, it)
                case SaveLetter(letter=it) if it.state is not LetterState.RETRYING:
                    self._file(place, it)
                case SaveProjection(key=key, sequence=sequence):
                    self.projecting.discard((key, sequence))
                    self.in_flight["projection"] = len(self.projecting)
                case _:
                    pass

    def stepped(self, domain: str, batch: ProcessBatch) -> None:
        """Note what a process manager stored in one append."""
        self.history.add(Stepped(domain=domain, batch=batch))
        self._decided(batch.command_id)
        for timer_type in (*batch.disarmed, *([batch.fires.timer_type] if batch.fires else [])):
            self.timers.pop((batch.key, timer_type), None)
        self.timers.update({(batch.key, it.timer_type): it for it in batch.armed})
        self.in_flight["timer"] = len(self.timers)
        if batch.lease is not None:
            self.committed(batch.lease, batch.changes)

    def cancelled(self, domain: str, key: RootKey, timer_type: str) -> None:
        """Note that somebody removed a timer."""
        self.history.add(TimerCancelled(domain=domain, key=key, timer_type=timer_type))
        self.timers.pop((key, timer_type), None)
        self.in_flight["timer"] = len(self.timers)

    def deleted(self, domain: str, edition: str) -> None:
        """Note that an edition is gone from a domain, with its timers."""
        self.gone.add((domain, edition))
        for key, timer_type in [it for it in self.timers if it[0].edition == edition]:
            if domain == "process":
                self.cancelled(domain, key, timer_type)

    def kept(self, domain: str, snapshot: Snapshot) -> None:
        """Note that a root has a snapshot."""
        self.snapshots[domain, snapshot.key] = snapshot

    def decided(self, ids: Sequence[str], *, is_discard: bool) -> None:
        """Note what an operator wants of letters."""
        record = LettersDecided(ids=tuple(ids), is_discard=is_discard)
        self.history.add(record)
        if is_discard:
            self.given_up.update(record.places)
            return
        for id_, place in zip(ids, record.places, strict=True):
            if place in self.parked and id_ not in self.replaying:
                self.replaying.add(id_)
                self.in_flight["replay"] += 1

    def fed(self, domain: str, after: int, page: FeedPage) -> None:
        """Note a reply of the feed."""
        places = tuple((it.position, it.chain) for it in page.events)
        self.history.add(FeedRead(domain=domain, after=after, places=places))

    @property
    def is_due(self) -> bool:
        """Say whether a compensation is still to be sent, and waits for no letter."""
        due = [it for it in self.reactions.values() if it[1].state is ReactionState.DUE]
        return any((place, it.position) not in self.parked for place, it in due)

    def is_armed(self, until: str) -> bool:
        """Say whether a timer is to fire by then."""
        return any(timer.deadline < until for timer in self.timers.values())

    def _file(self, place: tuple[str, str], letter: Letter) -> None:
        if letter.id in self.replaying:
            self.replaying.remove(letter.id)
            self.in_flight["replay"] -= 1
        if letter.state is LetterState.PARKED:
            self.parked.add((place, letter.position))
            self._decided(decision_of(letter.domain, letter.key, letter.sequence))
        else:
            self.parked.discard((place, letter.position))

    def _decided(self, id_: str) -> None:
        self.deciding.discard(id_)
        self.in_flight["process"] = len(self.deciding)

    def _react(self, place: tuple[str, str], reaction: Reaction) -> None:
        before = self.reactions.get(reaction.command_id)
        self.reactions[reaction.command_id] = (place, reaction)
        was_owed = before is not None and before[1].state is ReactionState.OWED
        self.in_flight["reaction"] += (reaction.state is ReactionState.OWED) - was_owed
