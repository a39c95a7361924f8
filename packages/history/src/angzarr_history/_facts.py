"""A history sorted once, so that every check is linear."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar, cast

from angzarr_history._later_records import LettersDecided, Stepped
from angzarr_history._records import (
    Accepted,
    Committed,
    Dumped,
    History,
    Invoked,
    Leased,
    Record,
    Refused,
    Rested,
    Wanted,
)
from angzarr_store import (
    CommandRow,
    Event,
    LetterState,
    ReactionState,
    RootKey,
    SaveReaction,
)

RecordT = TypeVar("RecordT")

Root = tuple[str, RootKey]
OPEN = frozenset({ReactionState.OWED, ReactionState.DUE})
Place = tuple[str, str]


class Facts:
    """The last dump of each domain, the answers of each command, the work of each subscription."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.by_kind: dict[type, list[Record]] = defaultdict(list)
        for record in history:
            self.by_kind[type(record)].append(record)
        self.dumps: dict[str, list[Dumped]] = defaultdict(list)
        for dump in self.all(Dumped):
            self.dumps[dump.domain].append(dump)
        self.final = {domain: dumps[-1] for domain, dumps in self.dumps.items()}
        self.divergences = {
            (domain, edition, root): first
            for domain, dump in self.final.items()
            for edition, root, first in dump.divergences
        }
        self.roots: dict[Root, list[Event]] = defaultdict(list)
        self.batches: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.rows: dict[str, list[tuple[str, CommandRow]]] = defaultdict(list)
        for domain, dump in self.final.items():
            self._sort(domain, dump)
        self.deleted = {it[0].key.edition for it in self.roots.values() if it[0].page is None}
        self.accepted: dict[str, list[Accepted]] = defaultdict(list)
        for answer in self.all(Accepted):
            self.accepted[answer.command_id].append(answer)
        self.failed = {it.command_id for it in self.all(Refused) if it.is_final}
        self.decided = self._decided()
        self.invoked = {it.command_id: it.key for it in self.all(Invoked)}
        self.given_up = {
            place for it in self.all(LettersDecided) if it.is_discard for place in it.places
        }
        self.wanted: dict[Place, list[Wanted]] = defaultdict(list)
        for wanted in self.all(Wanted):
            self.wanted[wanted.subscriber, wanted.domain].append(wanted)
        self.leases: dict[Place, Leased] = {
            (it.lease.subscriber, it.lease.domain): it for it in self.all(Leased)
        }
        rested = self.all(Rested)
        self.heads = dict(rested[-1].heads) if rested else None
        self.is_quiet = bool(rested and rested[-1].is_quiet)
        self.now = rested[-1].now if rested else ""

    def all(self, kind: type[RecordT]) -> Sequence[RecordT]:
        """Return the records of one kind in order."""
        return cast("Sequence[RecordT]", self.by_kind[kind])

    def event(self, domain: str, key: RootKey, sequence: int) -> Event | None:
        """Return an event of the last dump."""
        events = self.roots.get((domain, key), [])
        at = sequence - (events[0].sequence if events else 0)
        if 0 <= at < len(events) and events[at].sequence == sequence:
            return events[at]
        return next((it for it in events if it.sequence == sequence), None)

    def divergence(self, domain: str, key: RootKey) -> int:
        """Return the first sequence of a root that is its edition's own, 0 without one."""
        return self.divergences.get((domain, key.edition, key.root), 0)

    def seen(self, domain: str, key: RootKey, sequence: int) -> Event | None:
        """Return an event of the timeline of a root: of main below its divergence."""
        is_main = sequence < self.divergence(domain, key)
        return self.event(domain, key.on_main if is_main else key, sequence)

    def at(self, domain: str, position: int) -> Event | None:
        """Return the event at a position of the last dump."""
        events = self.final[domain].events if domain in self.final else ()
        return events[position - 1] if 0 < position <= len(events) else None

    def parked(self, place: Place) -> frozenset[int]:
        """Return the positions of a subscription's letters that are parked, or were given up."""
        found = self.leases.get(place)
        letters = found.backlog.letters if found else ()
        parked = {it.position for it in letters if it.state is not LetterState.RETRYING}
        return frozenset(parked | {it for where, it in self.given_up if where == place})

    def _decided(self) -> dict[str, tuple[Place, int]]:
        return {
            it.reaction.command_id: ((commit.subscriber, commit.domain), it.reaction.position)
            for commit in self.all(Committed)
            for it in commit.changes
            if isinstance(it, SaveReaction) and it.reaction.state in OPEN
        }

    def editions(self) -> dict[str, str | None]:
        """Return the edition of each command that anybody may have sent, None if it is unknown."""
        found: dict[str, str | None] = {}
        for it in self.all(Stepped):
            if it.batch.fires or it.batch.key.edition in self.deleted:
                found[it.batch.command_id] = it.batch.key.edition
        for wanted in self.wanted.values():
            found |= {it.decision: it.key.edition for it in wanted}
        for id_, ((_, domain), position) in self.decided.items():
            source = self.at(domain, position)
            found[id_] = source.key.edition if source is not None else None
        return found | {id_: key.edition for id_, key in self.invoked.items()}

    def _sort(self, domain: str, dump: Dumped) -> None:
        for event in dump.events:
            self.roots[domain, event.key].append(event)
            self.batches[domain, event.command_id].append(event)
        for row in dump.commands:
            self.rows[row.command_id].append((domain, row))


def told(domain: str, key: RootKey, sequence: int | None = None) -> str:
    """Return the name of a root or event for a message."""
    edition = "" if key.edition in {"", "angzarr"} else f"@{key.edition}"
    root = f"{domain}{edition}/{key.root.hex()}"
    return root if sequence is None else f"{root}/{sequence}"
