"""Invariants of what callers hear: I1, I2, I7, I14, I19."""

from collections import defaultdict
from collections.abc import Iterator

from angzarr_history._facts import Facts, Root, told
from angzarr_history._outcome_rules import told_truly
from angzarr_history._records import (
    Accepted,
    Audited,
    Invoked,
    ReadBegun,
    ReadEnded,
    Refused,
)
from angzarr_store import Event


def durable(facts: Facts) -> Iterator[str]:
    """I1: every event of every accepted answer is stored, byte for byte."""
    for command_id, answers in facts.accepted.items():
        for answer in answers:
            for claim in answer.events:
                event = facts.event(answer.domain, answer.key, claim.sequence)
                place = told(answer.domain, answer.key, claim.sequence)
                if event is None:
                    yield f"{place}, acknowledged to {command_id}, is not stored"
                elif (event.command_id, event.page) != (command_id, claim.page):
                    yield f"{place}, acknowledged to {command_id}, is {event.command_id}'s"


def no_phantoms(facts: Facts) -> Iterator[str]:
    """I2: every stored event has a command that was begun, for its timeline, and not refused."""
    stepped = facts.stepped()
    for (domain, command_id), events in facts.batches.items():
        place = told(domain, events[0].key, events[0].sequence)
        if command_id in facts.invoked:
            edition: str | None = facts.invoked[command_id].edition
        elif command_id in facts.decided:
            edition = facts.edition_of(*facts.decided[command_id])
        else:
            edition = stepped.get(command_id, "")
        if edition == "":
            yield f"{place} is of {command_id}, which nobody sent"
        elif edition is not None and edition != events[0].key.edition:
            yield f"{place} is of {command_id}, which belongs to the edition {edition}"
        elif command_id in facts.failed:
            yield f"{place} is of {command_id}, which was refused"


def linearizable(facts: Facts) -> Iterator[str]:
    """I7: what was answered before a call began is before it; reads are prefixes."""
    known: dict[Root, int] = defaultdict(lambda: -1)
    floors: dict[object, int] = {}
    owned: set[Root] = set()
    fresh: set[int] = set()
    for record in facts.history:
        match record:
            case Invoked():
                floors.setdefault(record.command_id, known[record.domain, record.key])
            case ReadBegun():
                floors[record.read] = known[record.domain, record.key]
                if (record.domain, record.key) not in owned:
                    fresh.add(record.read)
            case Accepted(events=events) if events:
                floor = floors.get(record.command_id, -1)
                if events[0].sequence <= floor:
                    place = told(record.domain, record.key, events[0].sequence)
                    yield f"{record.command_id} is at {place}, begun after {floor} was answered"
                root = (record.domain, record.key)
                owned.add(root)
                known[root] = max(known[root], events[-1].sequence)
            case Refused(following=int()):
                yield from _refusal(facts, record, floors.get(record.command_id, -1))
            case ReadEnded():
                is_main = record.read in fresh and not _shows_own(facts, record)
                yield from _read(facts, record, floors[record.read], is_main=is_main)
                root = (record.domain, record.key)
                known[root] = max(known[root], len(record.pages) - 1)
            case _:
                pass


def honest(facts: Facts) -> Iterator[str]:
    """I14: no two answers to a command differ, and none differs from what is stored."""
    yield from told_truly(facts)
    for command_id, answers in facts.accepted.items():
        if any(answer.events != answers[0].events for answer in answers):
            yield f"{command_id} was accepted with different events"
        if command_id in facts.failed:
            yield f"{command_id} was both accepted and refused"
        rows = [row for _, row in facts.rows.get(command_id, [])]
        if any(it.status is not None or it.count != len(answers[0].events) for it in rows):
            yield f"{command_id} was accepted, and is stored as something else"
    for it in facts.all(Refused):
        rows = [row for _, row in facts.rows.get(it.command_id, [])]
        if it.is_recorded and any(row.status is None for row in rows):
            yield f"{it.command_id} was refused ({it.reason}) and is stored as accepted"


def isolated(facts: Facts) -> Iterator[str]:
    """I19: every accepted call has an audit row of somebody who was entitled to it."""
    if not facts.history.is_audited:
        return
    rows = {it.command_id: it for it in facts.all(Audited)}
    for command_id in facts.accepted:
        row = rows.get(command_id)
        if row is None:
            yield f"{command_id} was accepted without an audit row"
        elif not row.is_entitled:
            yield f"{command_id} was accepted from {row.identity}, who is not entitled"


def _refusal(facts: Facts, refused: Refused, floor: int) -> Iterator[str]:
    following = refused.following or 0
    events = facts.roots.get((refused.domain, refused.key), [])
    ends = {0, *(it.sequence + 1 for it in _lasts(facts, refused.domain, events))}
    if not refused.key.is_main:  # a point may leave main anywhere
        ends.update(range(len(facts.roots.get((refused.domain, refused.key.on_main), [])) + 1))
    root = told(refused.domain, refused.key)
    if following not in ends or following <= floor:
        yield f"{refused.command_id} heard that {root} continues at {following}, which never was"


def _lasts(facts: Facts, domain: str, events: list[Event]) -> Iterator[Event]:
    for event in events:
        if facts.batches[domain, event.command_id][-1] is event:
            yield event


def _read(facts: Facts, read: ReadEnded, floor: int, *, is_main: bool) -> Iterator[str]:
    root = told(read.domain, read.key)
    if len(read.pages) - 1 < floor:
        yield f"a read of {root} ended at {len(read.pages) - 1}, begun after {floor} was answered"
    key = read.key.on_main if is_main else read.key
    for at, (sequence, page) in enumerate(read.pages):
        event = facts.seen(read.domain, key, at)
        if sequence != at or event is None or event.page != page:
            yield f"a read of {root} gave {sequence} at place {at}, which is not the log's"
            return


def _shows_own(facts: Facts, read: ReadEnded) -> bool:
    """Say whether a read of an edition shows events of its own, or main as it was until then."""
    at = facts.divergence(read.domain, read.key)
    if read.key.is_main or at >= len(read.pages):
        return True
    event = facts.event(read.domain, read.key, at)
    return event is not None and event.page == read.pages[at][1]
