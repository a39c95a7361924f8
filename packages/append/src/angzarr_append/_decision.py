"""The decision of an append: which members of a group are stored, where, and what each hears."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from angzarr_append._roots import Divergence, Roots
from angzarr_store import (
    Appended,
    Batch,
    CommandIdReusedError,
    CommandRow,
    Edition,
    Event,
    Fork,
    Head,
    RootKey,
    StoreError,
    event_digest,
    next_chain,
    with_position,
)

Answer = Appended | StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the transaction read under the head lock (reliability.md A2, A4, A5).

    Shape: `commands` holds the rows of the group's ids that exist; `next_sequences` the next
    sequence of every key of the group, by its own events; `pages` the stored pages of each repeated
    command; `forks` what is known of every key on a named edition.
    """

    head: Head
    commands: Mapping[str, CommandRow]
    next_sequences: Mapping[RootKey, int]
    pages: Mapping[str, tuple[bytes, ...]]
    forks: Mapping[RootKey, Fork] = field(default_factory=dict)


@dataclass(slots=True)
class Decision:
    """What to insert, the new head, and one answer per member in the order of the group.

    `divergences` are (edition, root or WHOLE_DOMAIN, sequence).
    """

    head: Head
    events: list[Event] = field(default_factory=list)
    commands: list[CommandRow] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    divergences: list[Divergence] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def decide(domain: str, group: Sequence[Batch], known: Known) -> Decision:
    """Decide a group in queue order; a refused member does not disturb the others.

    Rule: reliability.md A6. Every store calls this between reading and inserting, so that all
    decide alike.
    """
    decision = Decision(head=known.head)
    commands, pages = dict(known.commands), dict(known.pages)
    roots = Roots(dict(known.next_sequences), dict(known.forks))
    for batch in group:
        row = commands.get(batch.command_id)
        if row is not None:
            stored = pages.get(batch.command_id, ())
            decision.answers.append(roots.deleted(batch) or _repeat(batch, row, stored))
            continue
        fault = roots.fault(batch)
        if fault is not None:
            decision.answers.append(fault)
            continue
        roots.move(batch)
        answer = _store(domain, batch, decision)
        decision.answers.append(answer)
        if batch.recorded:
            commands[batch.command_id] = answer.row
            pages[batch.command_id] = answer.pages
            decision.commands.append(answer.row)
    decision.editions, decision.divergences = roots.editions, roots.divergences
    return decision


def _repeat(batch: Batch, row: CommandRow, pages: tuple[bytes, ...]) -> Answer:
    if not row.is_of(batch.key, batch.type_url):
        return CommandIdReusedError(batch.command_id)
    return Appended(row=row, pages=pages, repeated=True)


def _store(domain: str, batch: Batch, decision: Decision) -> Appended:
    head = decision.head
    first = head.position + 1 if batch.pages else head.position
    stored = tuple(with_position(page, first + i) for i, page in enumerate(batch.pages))
    chain = head.chain
    for i, page in enumerate(stored):
        place = (batch.base + i, first + i)
        digest = event_digest(domain, batch.key, place, batch.command_id, page)
        chain = next_chain(chain, digest)
        decision.events.append(_event(batch, place, (digest, chain), page))
    decision.head = Head(position=head.position + len(stored), epoch=head.epoch, chain=chain)
    row = CommandRow(
        command_id=batch.command_id,
        key=batch.key,
        type_url=batch.type_url,
        first_sequence=batch.base,
        first_position=first,
        count=len(stored),
        epoch=head.epoch,
        status=batch.status,
    )
    return Appended(row=row, pages=stored, repeated=False)


def _event(batch: Batch, place: tuple[int, int], link: tuple[bytes, bytes], page: bytes) -> Event:
    return Event(
        position=place[1],
        key=batch.key,
        sequence=place[0],
        command_id=batch.command_id,
        correlation_id=batch.correlation_id,
        created_at=batch.created_at,
        digest=link[0],
        chain=link[1],
        page=page,
    )
