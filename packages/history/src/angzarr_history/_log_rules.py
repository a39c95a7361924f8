"""Invariants of what is stored: I3 to I6, I8, I15, I18."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from angzarr_history._facts import Facts, Place, told
from angzarr_history._records import Committed, Dumped, Exported, FeedRead, Leased
from angzarr_store import EMPTY_CHAIN, RootKey, event_digest, next_chain


def batch_atomic(facts: Facts) -> Iterator[str]:
    """I3: the events of a command are all there, with consecutive sequences and positions."""
    for (domain, command_id), events in facts.batches.items():
        first = events[0]
        for at, event in enumerate(events):
            wanted = (first.key, first.sequence + at, first.position + at)
            if (event.key, event.sequence, event.position) != wanted:
                yield f"{command_id} is torn at {told(domain, event.key, event.sequence)}"
        for owner, row in facts.rows.get(command_id, []):
            if owner == domain and row.count != len(events):
                yield f"{command_id} stored {len(events)} of its {row.count} events in {domain}"


def no_gap(facts: Facts) -> Iterator[str]:
    """I4: the sequences of a root are d, d+1, … without a hole."""
    for (domain, key), events in facts.roots.items():
        first = facts.divergence(domain, key)
        main = facts.roots.get((domain, key.on_main), [])
        if first and first > len(main):
            yield f"{told(domain, key)} begins at {first}, behind main's next {len(main)}"
        found = sorted(it.sequence for it in events if it.page is not None)
        if found != list(range(first, first + len(found))):
            yield f"{told(domain, key)} has the sequences {found}, not {first} and on"


def at_most_once(facts: Facts) -> Iterator[str]:
    """I5: a command has one row and one batch, the same in every dump."""
    for command_id, rows in facts.rows.items():
        for domain, count in Counter(owner for owner, _ in rows).items():
            if count > 1:
                yield f"{command_id} has {count} rows in {domain}"
    for domain, dumps in facts.dumps.items():
        for command_id, count in _batches(dumps[-1]).items():
            if count > 1:
                yield f"{command_id} has {count} batches in {domain}"
        yield from _kept(dumps)


def no_double_claim(facts: Facts) -> Iterator[str]:
    """I6: no two answers claim one place; a batch begins at its declared base."""
    owners: dict[tuple[str, RootKey, int], str] = {}
    for command_id, answers in facts.accepted.items():
        for answer in answers:
            for claim in answer.events:
                place = (answer.domain, answer.key, claim.sequence)
                owner = owners.setdefault(place, command_id)
                if owner != command_id:
                    yield f"{owner} and {command_id} both claim {told(*place)}"
    for command_id, rows in facts.rows.items():
        for domain, row in rows:
            events = facts.batches.get((domain, command_id))
            if events and events[0].sequence != row.first_sequence:
                at, base = events[0].sequence, row.first_sequence
                yield f"{command_id} declared base {base} in {domain} and begins at {at}"


def immutable(facts: Facts) -> Iterator[str]:
    """I8: each dump is a prefix of the next, the chain recomputes, exports agree with it."""
    for domain, dumps in facts.dumps.items():
        final = dumps[-1].events
        for dump in dumps[:-1]:
            for old, new in zip(dump.events, final, strict=False):
                if (old.position, old.digest) != (new.position, new.digest):
                    yield f"{domain} has changed at position {old.position}"
                    break
            if len(dump.events) > len(final):
                yield f"{domain} has lost {len(dump.events) - len(final)} events"
        yield from _chained(dumps[-1])
    for it in facts.all(Exported):
        if it.domain in facts.final and _chain_at(facts.final[it.domain], it.position) != it.chain:
            yield f"the chain of {it.domain} at {it.position} is not the exported one"


def fenced(facts: Facts) -> Iterator[str]:
    """I15: epochs never decrease in commit order; no owner stores after its successor began."""
    for domain, dump in facts.final.items():
        rows = sorted((it for it in dump.commands if it.count), key=lambda it: it.first_position)
        for before, after in pairwise(rows):
            if after.epoch < before.epoch:
                place = f"{after.command_id} at position {after.first_position}"
                yield f"{place} of {domain} has epoch {after.epoch} behind {before.epoch}"
    newest: dict[Place, int] = defaultdict(int)
    for record in facts.history:
        if isinstance(record, Leased):
            newest[record.lease.subscriber, record.lease.domain] = record.lease.epoch
        elif isinstance(record, Committed):
            epoch = newest[record.subscriber, record.domain]
            if record.epoch < epoch:
                who = f"{record.subscriber} of {record.domain}"
                yield f"{who} stored under epoch {record.epoch} after {epoch} was taken"


def dense(facts: Facts) -> Iterator[str]:
    """I18: positions are 1, 2, … and every reply of the feed is a prefix of what follows."""
    for domain, dump in facts.final.items():
        found = [event.position for event in dump.events]
        if found != list(range(1, len(found) + 1)):
            yield f"{domain} has the positions {found}"
    for reply in facts.all(FeedRead):
        if reply.domain not in facts.final:
            continue
        for at, (position, chain) in enumerate(reply.places):
            if position != reply.after + 1 + at:
                yield f"the feed of {reply.domain} behind {reply.after} gave {position}"
            elif _chain_at(facts.final[reply.domain], position) != chain:
                yield f"the feed of {reply.domain} gave another event at {position}"


def _kept(dumps: Sequence[Dumped]) -> Iterator[str]:
    known = {row.command_id: row for row in dumps[-1].commands}
    for dump in dumps[:-1]:
        for row in dump.commands:
            if known.get(row.command_id) != row:
                yield f"the row of {row.command_id} in {dump.domain} has changed"


def _batches(dump: Dumped) -> Counter[str]:
    """Return how many runs of neighbouring events each command has."""
    found: Counter[str] = Counter()
    before = None
    for event in dump.events:
        row = (event.command_id, event.key)
        if row != before:
            found[event.command_id] += 1
        before = row
    return found


def _chained(dump: Dumped) -> Iterator[str]:
    chain = EMPTY_CHAIN
    for event in dump.events:
        digest = event.digest
        if event.page is not None:
            place = (event.sequence, event.position)
            digest = event_digest(dump.domain, event.key, place, event.command_id, event.page)
        chain = next_chain(chain, digest)
        if (digest, chain) != (event.digest, event.chain):
            yield f"the chain of {dump.domain} breaks at position {event.position}"
            return


def _chain_at(dump: Dumped, position: int) -> bytes | None:
    if position == 0:
        return EMPTY_CHAIN
    return dump.events[position - 1].chain if position <= len(dump.events) else None
