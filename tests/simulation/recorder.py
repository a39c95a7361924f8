"""Writes down what happens, and what was in flight when a fault struck."""

from collections import Counter
from collections.abc import Sequence

from angzarr.types_pb2 import EventBook
from angzarr_history import Asked, Committed, FeedRead, History, Leased
from angzarr_store import (
    Advance,
    Backlog,
    Change,
    EventLog,
    FeedPage,
    Lease,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
)

OPERATIONS = ("command", "repeat", "mismatch", "read", "reaction", "projection")
WHOLE = ("gateway", "aggregate", "saga", "projector", "logic")
CALLED = ("gateway", "aggregate", "logic")
STORING = ("aggregate", "saga", "projector")
READING = ("saga", "projector")
MEETS = {
    **dict.fromkeys(("kill", "freeze", "part", "jump"), WHOLE),
    "point": ("gateway", "aggregate", "saga", "projector"),
    **dict.fromkeys(("lose", "mute", "reset"), CALLED),
    **dict.fromkeys(("takeover", "fill"), STORING),
    **dict.fromkeys(("drop", "repeat", "delay", "shrink"), READING),
    **dict.fromkeys(("slow", "wrong", "silent", "error"), ("logic",)),
}

Cell = tuple[str, str, str]


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
        self.reactions: dict[str, Reaction] = {}
        self.projecting: set[tuple[RootKey, int]] = set()
        self.parked: set[tuple[str, int]] = set()

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

    def opened(self, log: EventLog) -> None:
        """Keep the log of a domain as it is on disk."""
        self.logs[log.domain] = log

    def leased(self, lease: Lease, backlog: Backlog) -> None:
        """Note a subscription as it is on disk."""
        self.history.add(Leased(lease=lease, backlog=backlog))
        self.checkpoints[lease.subscriber, lease.domain] = lease.position

    def committed(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Note a durable transaction."""
        place = (lease.subscriber, lease.domain, lease.epoch)
        self.history.add(Committed.of(place, changes))
        for change in changes:
            match change:
                case Advance(new=new):
                    self.checkpoints[lease.subscriber, lease.domain] = new
                case SaveReaction(reaction=it):
                    self._react(it)
                case SaveLetter(letter=it) if it.state is LetterState.PARKED:
                    self.parked.add((lease.subscriber, it.position))
                case SaveProjection(key=key, sequence=sequence):
                    self.projecting.discard((key, sequence))
                    self.in_flight["projection"] = len(self.projecting)
                case _:
                    pass

    def fed(self, domain: str, after: int, page: FeedPage) -> None:
        """Note a reply of the feed."""
        places = tuple((it.position, it.chain) for it in page.events)
        self.history.add(FeedRead(domain=domain, after=after, places=places))

    @property
    def is_due(self) -> bool:
        """Say whether a compensation is still to be sent, and waits for no letter."""
        due = [it for it in self.reactions.values() if it.state is ReactionState.DUE]
        return any(("saga", it.position) not in self.parked for it in due)

    def _react(self, reaction: Reaction) -> None:
        before = self.reactions.get(reaction.command_id)
        self.reactions[reaction.command_id] = reaction
        was_owed = before is not None and before.state is ReactionState.OWED
        self.in_flight["reaction"] += (reaction.state is ReactionState.OWED) - was_owed
