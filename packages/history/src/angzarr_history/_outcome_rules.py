"""What a caller that waited was told of others: their part of I14 (contract.md §4.2)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from angzarr_history._effects import Effects
from angzarr_history._facts import Facts, Place
from angzarr_history._records import Awaited, Committed, Leased, Outcome, Stepped, Wanted
from angzarr_store import Advance, LetterState, ReactionState, SaveLetter, SaveReaction

SETTLED = {
    "ACCEPTED": ReactionState.ACCEPTED,
    "REJECTED": ReactionState.REJECTED,
    "PARKED": ReactionState.PARKED,
}


class _Durable:
    """Where every subscription stands, as far as the history has been read."""

    def __init__(self, facts: Facts) -> None:
        self._wanted: dict[Place, dict[int, Wanted]] = {
            place: {it.position: it for it in found} for place, found in facts.wanted.items()
        }
        self._effects = Effects()
        self._ends: dict[Place, int] = defaultdict(int)
        self._letters: set[str] = set()
        self._results: dict[str, ReactionState] = {}

    def take(self, record: object) -> None:
        """Follow one record."""
        if isinstance(record, Leased):
            lease = record.lease
            self._ends[lease.subscriber, lease.domain] = lease.position
        elif isinstance(record, Stepped):
            self._effects.step(record)
        elif isinstance(record, Committed):
            self._effects.take(record)
            for change in record.changes:
                match change:
                    case Advance(new=new):
                        self._ends[record.subscriber, record.domain] = new
                    case SaveReaction(reaction=it):
                        self._results[it.command_id] = it.state
                    case SaveLetter(letter=it) if it.state is LetterState.PARKED:
                        self._letters.add(it.id.rstrip("+"))
                    case _:
                        pass

    def lies(self, it: Outcome) -> Iterator[str]:
        """Yield what an outcome says that is not so."""
        place = (it.component, it.domain)
        if it.result == "APPLIED":
            if self._ends[place] < it.position:
                yield f"position {it.position}, and stands at {self._ends[place]}"
            wanted = self._wanted.get(place, {}).get(it.position)
            if wanted is not None and not self._effects.has(place, wanted):
                yield f"position {it.position}, without its effect"
            for sent in it.commands:
                if sent.result not in SETTLED:
                    yield f"position {it.position}, and {sent.command_id} has no result"
        if it.result == "PARKED" and it.letter.rstrip("+") not in self._letters:
            yield f"a letter {it.letter}, which nobody has parked"
        for sent in it.commands:
            state = SETTLED.get(sent.result)
            if state is not None and self._results.get(sent.command_id) is not state:
                yield f"{sent.command_id} as {state}, which it is not"


def told_truly(facts: Facts) -> Iterator[str]:
    """I14: an outcome says what was durable when it was told, and none is missing."""
    durable = _Durable(facts)
    for record in facts.history:
        if not isinstance(record, Awaited):
            durable.take(record)
            continue
        near = Counter(it.component for it in record.outcomes if it.depth == 0)
        for component in record.components:
            if near[component] != 1:
                yield f"{record.command_id} heard {near[component]} outcomes of {component}"
        for it in record.outcomes:
            for lie in durable.lies(it):
                yield f"{record.command_id} heard that {it.component} has {it.result} {lie}"
            for sent in it.commands if it.result != "TIMED_OUT" else ():
                yield from _placed(facts, sent.domain, sent.position, sent.command_id)


def _placed(facts: Facts, domain: str, position: int, command_id: str) -> Iterator[str]:
    events = facts.final[domain].events if domain in facts.final else ()
    if position and events and events[position - 1].command_id != command_id:
        yield f"an outcome places {command_id} at {position} of {domain}, which is another's"
