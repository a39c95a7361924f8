"""What a caller that waited was told of others: their part of I14 (contract.md §4.2)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from angzarr_history._effects import Effects
from angzarr_history._facts import Facts, Place
from angzarr_history._later_records import Awaited, Outcome
from angzarr_history._records import Committed, Leased, Record, Wanted
from angzarr_store import Advance, LetterState, ReactionState, SaveLetter, SaveReaction

SETTLED = {
    "ACCEPTED": ReactionState.ACCEPTED,
    "REJECTED": ReactionState.REJECTED,
    "PARKED": ReactionState.PARKED,
}


class _Durable:
    """Where each subscription stood so far; a replay changes what an answer has just told."""

    def __init__(self, facts: Facts) -> None:
        self._wanted: dict[Place, dict[int, Wanted]] = {
            place: {it.position: it for it in found} for place, found in facts.wanted.items()
        }
        self._effects = Effects()
        self._ends: dict[Place, int] = defaultdict(int)
        self._letters: set[str] = set()
        self._results: dict[str, set[ReactionState]] = defaultdict(set)

    def take(self, record: Record) -> None:
        """Follow one record."""
        self._effects.take(record)
        if isinstance(record, Leased):
            self._ends[record.lease.subscriber, record.lease.domain] = record.lease.position
        elif isinstance(record, Committed):
            self._commit(record)

    def _commit(self, commit: Committed) -> None:
        for change in commit.changes:
            match change:
                case Advance(new=new):
                    self._ends[commit.subscriber, commit.domain] = new
                case SaveReaction(reaction=it):
                    self._results[it.command_id].add(it.state)
                case SaveLetter(letter=it) if it.state is LetterState.PARKED:
                    self._letters.add(it.id.rstrip("+"))
                case _:
                    pass

    def lies(self, it: Outcome) -> Iterator[str]:
        """Yield what an outcome says that is not so."""
        if it.result == "APPLIED":
            yield from self._unapplied(it)
        if it.result == "PARKED" and it.letter.rstrip("+") not in self._letters:
            yield f"a letter {it.letter}, which nobody has parked"
        for sent in it.commands:
            state = SETTLED.get(sent.result)
            if state is not None and state not in self._results[sent.command_id]:
                yield f"{sent.command_id} as {state}, which it is not"

    def _unapplied(self, it: Outcome) -> Iterator[str]:
        place = (it.component, it.domain)
        if self._ends[place] < it.position:
            yield f"position {it.position}, and stands at {self._ends[place]}"
        wanted = self._wanted.get(place, {}).get(it.position)
        if wanted is not None and not self._effects.has(place, wanted):
            yield f"position {it.position}, without its effect"
        for sent in it.commands:
            if sent.result not in SETTLED:
                yield f"position {it.position}, and {sent.command_id} has no result"


def told_truly(facts: Facts) -> Iterator[str]:
    """I14: an outcome says what was durable when it was told, and none is missing."""
    durable = _Durable(facts)
    for record in facts.history:
        durable.take(record)
        if isinstance(record, Awaited):
            for fault in _faults(facts, record, durable):
                yield f"{record.command_id} heard {fault}"


def _faults(facts: Facts, told: Awaited, durable: _Durable) -> Iterator[str]:
    near = Counter(it.component for it in told.outcomes if it.depth == 0)
    yield from (f"{near[it]} outcomes of {it}" for it in told.components if near[it] != 1)
    for it in told.outcomes:
        yield from (f"that {it.component} has {it.result} {lie}" for lie in durable.lies(it))
        for sent in it.commands:
            event = facts.at(sent.domain, sent.position)
            if event is not None and event.command_id != sent.command_id:
                yield f"of {sent.command_id} at {sent.position}, which is {event.command_id}'s"
