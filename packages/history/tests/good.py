"""A history without fault that has every kind of record, and how to change it."""

from dataclasses import replace

from angzarr_history import (
    Accepted,
    Asked,
    Audited,
    Claim,
    Committed,
    Compared,
    Dumped,
    Exported,
    FeedRead,
    History,
    Invoked,
    Leased,
    Measured,
    ReadBegun,
    ReadEnded,
    Record,
    Refused,
    Rested,
    Shown,
    Timed,
    Unsettled,
    Wanted,
)
from angzarr_store import (
    EMPTY_CHAIN,
    Advance,
    Apply,
    Backlog,
    CommandRow,
    DropLetter,
    Event,
    Lease,
    Letter,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
    event_digest,
    next_chain,
)

KEY = RootKey(edition="angzarr", root=bytes(15) + b"\x01")
OTHER = RootKey(edition="angzarr", root=bytes(15) + b"\x02")


def log(domain: str, *places: tuple[RootKey, int, str]) -> tuple[Event, ...]:
    """Return events of (root, sequence, command id) with the chain that they have."""
    chain, events = EMPTY_CHAIN, []
    for position, (key, sequence, command_id) in enumerate(places, 1):
        page = f"{command_id}/{sequence}".encode()
        digest = event_digest(domain, key, (sequence, position), command_id, page)
        chain = next_chain(chain, digest)
        events.append(
            Event(
                position=position,
                key=key,
                sequence=sequence,
                command_id=command_id,
                correlation_id="",
                created_at="",
                digest=digest,
                chain=chain,
                page=page,
            )
        )
    return tuple(events)


def row(command_id: str, key: RootKey, first: tuple[int, int], count: int) -> CommandRow:
    """Return the row of an accepted command; `first` is (sequence, position)."""
    return CommandRow(
        command_id=command_id,
        key=key,
        type_url="t",
        first_sequence=first[0],
        first_position=first[1],
        count=count,
        epoch=first[1],
        status=None,
    )


def lease(subscriber: str, epoch: int, position: int, *letters: Letter) -> Leased:
    """Return a subscription of the order domain as it is on disk."""
    chain = ORDER[position - 1].chain if position else EMPTY_CHAIN
    return Leased(
        lease=Lease(
            subscriber=subscriber, domain="order", epoch=epoch, position=position, chain=chain
        ),
        backlog=Backlog(applied=frozenset(), reactions=(), letters=letters),
    )


def reaction(state: ReactionState, command: bytes = b"do") -> SaveReaction:
    """Return the one reaction of the first event."""
    made = Reaction(position=1, index=0, command_id="r-1", command=command, state=state)
    return SaveReaction(reaction=made)


def letter(state: LetterState) -> Letter:
    """Return the letter of the third event."""
    return Letter(
        id="saga:order:3",
        subscriber="saga",
        domain="order",
        position=3,
        sequence=0,
        cover=b"",
        key=OTHER,
        payload=b"",
        status=b"",
        reason="poison",
        attempts=3,
        state=state,
    )


def commit(subscriber: str, epoch: int, *changes: object) -> Committed:
    """Return a transaction of a subscriber of the order domain."""
    return Committed.of((subscriber, "order", epoch), changes)  # type: ignore[arg-type]  # changes


def claim(event: Event) -> Claim:
    """Return an event as an answer shows it."""
    return Claim(sequence=event.sequence, position=event.position, page=event.page or b"")


ORDER = log("order", (KEY, 0, "c-1"), (KEY, 1, "c-1"), (OTHER, 0, "c-2"))
STOCK = log("stock", (KEY, 0, "r-1"))
ORDER_ROWS = (row("c-1", KEY, (0, 1), 2), row("c-2", OTHER, (0, 3), 1))
ACCEPTED = Accepted(
    command_id="c-1", domain="order", key=KEY, events=(claim(ORDER[0]), claim(ORDER[1]))
)
SECOND = Accepted(command_id="c-2", domain="order", key=OTHER, events=(claim(ORDER[2]),))
REFUSED = Refused(
    command_id="c-3",
    domain="order",
    key=KEY,
    reason="SEQUENCE_MISMATCH",
    is_final=True,
    following=2,
)
READ = ReadEnded(
    read=1,
    domain="order",
    key=KEY,
    pages=tuple((it.sequence, it.page or b"") for it in ORDER[:2]),
)
DUMP = Dumped(domain="order", events=ORDER, commands=ORDER_ROWS)
STOCK_DUMP = Dumped(domain="stock", events=STOCK, commands=(row("r-1", KEY, (0, 1), 1),))
PARKED = letter(LetterState.PARKED)
RESTED = Rested(heads=(("order", 3), ("stock", 1)), is_quiet=True)


def asked(subscriber: str, at: int) -> Asked:
    """Return the call of a subscriber's logic with an event."""
    event = ORDER[at]
    return Asked(subscriber=subscriber, domain="order", key=event.key, sequence=event.sequence)


def projected(at: int) -> SaveProjection:
    """Return the projection of an event."""
    return SaveProjection(key=ORDER[at].key, sequence=ORDER[at].sequence, projection=b"p")


def wanted(subscriber: str, at: int, commands: int | None) -> Wanted:
    """Return that an event must be handled."""
    event = ORDER[at]
    return Wanted(
        subscriber=subscriber,
        domain="order",
        position=event.position,
        key=event.key,
        sequence=event.sequence,
        commands=commands,
    )


GOOD: tuple[Record, ...] = (
    lease("saga", 1, 0),
    lease("projector", 1, 0),
    Invoked(command_id="c-1", domain="order", key=KEY),
    ACCEPTED,
    Audited(command_id="c-1", identity="alice", is_entitled=True),
    Dumped(domain="order", events=ORDER[:2], commands=ORDER_ROWS[:1]),
    Exported(domain="order", position=2, chain=ORDER[1].chain),
    FeedRead(domain="order", after=1, places=((2, ORDER[1].chain),)),
    ReadBegun(read=1, domain="order", key=KEY),
    READ,
    Invoked(command_id="c-3", domain="order", key=KEY),
    REFUSED,
    Invoked(command_id="c-2", domain="order", key=OTHER),
    SECOND,
    Audited(command_id="c-2", identity="alice", is_entitled=True),
    Invoked(command_id="c-4", domain="order", key=KEY),
    Unsettled(command_id="c-4"),
    asked("saga", 0),
    commit("saga", 1, reaction(ReactionState.OWED)),
    commit("saga", 1, reaction(ReactionState.ACCEPTED), Apply(position=1)),
    lease("saga", 2, 0),
    asked("saga", 1),
    commit("saga", 2, Advance(old=0, new=2, chain=ORDER[1].chain)),
    asked("saga", 2),
    commit("saga", 2, SaveLetter(letter=letter(LetterState.RETRYING))),
    commit("saga", 2, DropLetter(id="saga:order:3")),
    commit("saga", 2, SaveLetter(letter=PARKED), Advance(old=2, new=3, chain=ORDER[2].chain)),
    asked("projector", 0),
    asked("projector", 1),
    asked("projector", 2),
    commit("projector", 1, projected(0), projected(1), projected(2), Apply(position=3)),
    commit("projector", 1, Advance(old=0, new=3, chain=ORDER[2].chain)),
    DUMP,
    STOCK_DUMP,
    lease("saga", 3, 3, PARKED),
    lease("projector", 2, 3),
    *(wanted("saga", at, count) for at, count in enumerate((1, 0, 2))),
    *(wanted("projector", at, None) for at in range(3)),
    RESTED,
    Measured(what="inbox", value=3, limit=4),
    Compared(what="model", live=b"m", rebuilt=b"m"),
    Shown(log="order", reader="a", model=b"m"),
    Shown(log="order", reader="b", model=b"m"),
    Timed(p99_seconds=1.5, reference_seconds=1.0),
)


def changed(old: Record, *new: Record) -> History:
    """Return the good history with one record in place of another, or none."""
    at = GOOD.index(old)
    return History(records=[*GOOD[:at], *new, *GOOD[at + 1 :]], is_audited=True)


def moved(index: int, **values: object) -> Dumped:
    """Return the dump with one event changed."""
    events = list(ORDER)
    events[index] = replace(events[index], **values)  # type: ignore[arg-type]  # fields of Event
    return replace(DUMP, events=tuple(events))
