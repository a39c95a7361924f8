"""Invariants of what callers hear: I1, I2, I14, I19."""

from collections.abc import Iterator

from angzarr_history._facts import Facts, told
from angzarr_history._outcome_rules import told_truly
from angzarr_history._records import Audited, Refused


def durable(facts: Facts) -> Iterator[str]:
    """I1: every event of every accepted answer is stored, byte for byte."""
    for command_id, answers in facts.accepted.items():
        for answer in answers:
            for claim in answer.events:
                event = facts.event(answer.domain, answer.key, claim.sequence)
                place = told(answer.domain, answer.key, claim.sequence)
                if event is None:
                    yield f"{place}, acknowledged to {command_id}, is not stored"
                elif (event.command_id, event.page or claim.page) != (command_id, claim.page):
                    yield f"{place}, acknowledged to {command_id}, is {event.command_id}'s"


def no_phantoms(facts: Facts) -> Iterator[str]:
    """I2: every stored event has a command that was begun, for its timeline, and not refused."""
    editions = facts.editions()
    for (domain, command_id), events in facts.batches.items():
        place = told(domain, events[0].key, events[0].sequence)
        edition = editions.get(command_id, "")
        if edition == "":
            yield f"{place} is of {command_id}, which nobody sent"
        elif edition is not None and edition != events[0].key.edition:
            yield f"{place} is of {command_id}, which belongs to the edition {edition}"
        elif command_id in facts.failed and events[0].page is not None:
            yield f"{place} is of {command_id}, which was refused"


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
