"""Invariants of what subscribers do: I9 to I13."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from angzarr_history._effects import Effects
from angzarr_history._facts import OPEN, Facts, Place, told
from angzarr_history._later_records import LettersDecided
from angzarr_history._process_rules import fired, fired_once
from angzarr_history._records import Asked, Committed, Wanted
from angzarr_store import (
    Advance,
    Apply,
    DropLetter,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
)


def complete(facts: Facts) -> Iterator[str]:
    """I9: at rest every wanted event was applied, parked or discarded, and every reader is done."""
    if facts.heads is None:
        return
    if not facts.is_quiet:
        yield "the system did not come to rest"
    asked = {(it.subscriber, it.domain, it.key, it.sequence) for it in facts.all(Asked)}
    for place, wanted in facts.wanted.items():
        yield from _at_rest(facts, place)
        parked = facts.parked(place)
        for it in wanted:
            was_asked = (*place, it.key, it.sequence) in asked
            if not was_asked and it.position not in parked:
                yield f"{place[0]} never handled {told(it.domain, it.key, it.sequence)}"
    yield from fired(facts)


def _at_rest(facts: Facts, place: Place) -> Iterator[str]:
    found, heads = facts.leases.get(place), facts.heads or {}
    who = f"{place[0]} of {place[1]}"
    checkpoint, head = found.lease.position if found else 0, heads.get(place[1], 0)
    if checkpoint != head:
        yield f"{who} rests at {checkpoint} of {head}"
    for letter in found.backlog.letters if found else ():
        is_gone = letter.key.edition in facts.deleted  # forgotten at the next start
        if letter.state in {LetterState.RETRYING, LetterState.REPLAY} and not is_gone:
            yield f"{who} rests although {letter.id} is to be tried again"


def ordered(facts: Facts) -> Iterator[str]:
    """I10: a root's events are first called, and replayed, in order; none behind a letter."""
    waiting = {
        (*place, key): events
        for place, wanted in facts.wanted.items()
        for key, events in _by_root(wanted).items()
    }
    seen: set[tuple[str, str, RootKey, int]] = set()
    parked: dict[tuple[str, str, RootKey], set[int]] = defaultdict(set)
    for record in facts.history:
        if isinstance(record, Committed):
            yield from _park(record, parked)
        elif isinstance(record, LettersDecided) and record.is_discard:
            for place, position in record.places:
                _give_up(waiting, parked, place, position)
        elif isinstance(record, Asked):
            root = (record.subscriber, record.domain, record.key)
            if (*root, record.sequence) not in seen and root in waiting:
                seen.add((*root, record.sequence))
                yield from _first(record, waiting[root], parked[root])


def once(facts: Facts) -> Iterator[str]:
    """I11: an event has one effect in what we own; a derived command has one batch."""
    yield from fired_once(facts)
    effects = Counter(
        (commit.subscriber, commit.domain, change.key, change.sequence)
        for commit in facts.all(Committed)
        for change in commit.changes
        if isinstance(change, SaveProjection)
    )
    for (subscriber, domain, key, sequence), count in effects.items():
        if count > 1:
            yield f"{subscriber} projected {told(domain, key, sequence)} {count} times"
    batches = Counter(id_ for _, id_ in facts.batches if id_ in facts.decided)
    for command_id, count in batches.items():
        if count > 1:
            yield f"the derived command {command_id} took effect in {count} domains"


def checkpoint_safe(facts: Facts) -> Iterator[str]:
    """I12: a checkpoint or an applied row never comes before the effect it stands for."""
    effects = Effects()
    ends: dict[Place, int] = defaultdict(int)
    wanted = {place: {it.position: it for it in found} for place, found in facts.wanted.items()}
    for record in facts.history:
        effects.take(record)
        if not isinstance(record, Committed):
            continue
        place = (record.subscriber, record.domain)
        done, from_elsewhere = _done(record, ends)
        yield from from_elsewhere
        for position in done:
            it = wanted.get(place, {}).get(position)
            if it is not None and not effects.has(place, it):
                event = told(it.domain, it.key, it.sequence)
                yield f"{it.subscriber} marks {event} (position {position}) done without its effect"


def _done(commit: Committed, ends: dict[Place, int]) -> tuple[list[int], list[str]]:
    """Return the positions that a transaction marks done, and what is wrong with its moves."""
    place, done, wrong = (commit.subscriber, commit.domain), list[int](), list[str]()
    for change in commit.changes:
        if isinstance(change, Apply):
            done.append(change.position)
        elif isinstance(change, Advance):
            if change.old != ends[place]:
                wrong.append(f"{place} moved from {change.old}, and stood at {ends[place]}")
            done += range(change.old + 1, change.new + 1)
            ends[place] = change.new
    return done, wrong


def no_lost_reaction(facts: Facts) -> Iterator[str]:
    """I13: a decided command keeps its bytes and ends as exactly one thing, which is true."""
    reactions = _Reactions()
    for record in facts.history:
        if isinstance(record, LettersDecided):
            reactions.again.update(record.places)
        elif isinstance(record, Committed):
            yield from reactions.take(record)
    if facts.heads is not None:
        for (place, position, _), it in reactions.last.items():
            source = facts.at(place[1], position)
            is_gone = source is not None and source.page is None
            yield from _ended(facts, it, is_left=is_gone or position in facts.parked(place))


class _Reactions:
    """How far every decided command has come; `again` are events that an operator decided on."""

    def __init__(self) -> None:
        self.last: dict[tuple[Place, int, int], Reaction] = {}
        self.again: set[tuple[Place, int]] = set()

    def take(self, commit: Committed) -> Iterator[str]:
        """Follow one transaction."""
        place = (commit.subscriber, commit.domain)
        saved = [it.reaction for it in commit.changes if isinstance(it, SaveReaction)]
        due = {it.position for it in saved if it.state is ReactionState.DUE}
        for it in saved:
            where = (place, it.position, it.index)
            before = self.last.get(where, it)
            if before.command != it.command:
                yield f"{it.command_id} of {place[0]} was decided anew: its bytes have changed"
            is_reopened = before.state is ReactionState.PARKED and where[:2] in self.again
            if before.state not in {*OPEN, it.state} and not is_reopened:
                yield f"{it.command_id} of {place[0]} was {before.state} and became {it.state}"
            was_owed = before.state is ReactionState.OWED
            if was_owed and it.state is ReactionState.REJECTED and it.position not in due:
                yield f"{it.command_id} of {place[0]} was rejected and nothing leads back"
            self.last[where] = it


def _ended(facts: Facts, it: Reaction, *, is_left: bool) -> Iterator[str]:
    rows = facts.rows.get(it.command_id, [])
    stored = any(row.count and row.key.edition not in facts.deleted for _, row in rows)
    if it.state in OPEN and not is_left:
        yield f"{it.command_id} has no result"
    if it.state is ReactionState.ACCEPTED and all(row.status is not None for _, row in rows):
        yield f"{it.command_id} counts as accepted and is not stored"
    if it.state is ReactionState.REJECTED and (stored or not it.outcome):
        yield f"{it.command_id} counts as rejected and is stored, or why is not"


def _by_root(wanted: list[Wanted]) -> dict[RootKey, list[Wanted]]:
    found: dict[RootKey, list[Wanted]] = defaultdict(list)
    for it in sorted(wanted, key=lambda it: it.position, reverse=True):
        found[it.key].append(it)
    return found


def _give_up(
    waiting: dict[tuple[str, str, RootKey], list[Wanted]],
    parked: dict[tuple[str, str, RootKey], set[int]],
    place: Place,
    position: int,
) -> None:
    """Forget an event that is discarded: nobody waits behind it, and it may never be called."""
    for root, positions in parked.items():
        if root[:2] == place:
            positions.discard(position)
    for root, events in waiting.items():
        if root[:2] == place:
            events[:] = [it for it in events if it.position != position]


def _park(commit: Committed, parked: dict[tuple[str, str, RootKey], set[int]]) -> Iterator[str]:
    for change in commit.changes:
        if isinstance(change, SaveLetter):
            letter = change.letter
            positions = parked[commit.subscriber, commit.domain, letter.key]
            if letter.state is LetterState.PARKED:
                positions.add(letter.position)
            else:
                positions.discard(letter.position)
            held = min(positions, default=letter.position)
            if letter.state is LetterState.REPLAYED and held < letter.position:
                yield f"{letter.id} was replayed before the letter at position {held}"
        elif isinstance(change, DropLetter):
            for positions in parked.values():
                positions.discard(int(change.id.rpartition(":")[2] or 0))


def _first(asked: Asked, waiting: list[Wanted], parked: set[int]) -> Iterator[str]:
    """Check the first call of an event; `waiting` holds the root's events, the next one last."""
    event = f"{asked.subscriber} was called with {told(asked.domain, asked.key, asked.sequence)}"
    if not waiting or waiting[-1].sequence != asked.sequence:
        due = waiting[-1].sequence if waiting else "nothing"
        yield f"{event} when {due} was due"
        return
    position = waiting.pop().position
    if any(it < position for it in parked):
        yield f"{event}, which waits behind the letter at position {min(parked)}"
