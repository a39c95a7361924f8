"""A history without fault that has every kind of record, and how to change it."""

from dataclasses import replace

from angzarr_history import (
    Accepted,
    Asked,
    Audited,
    Awaited,
    Committed,
    Compared,
    Dumped,
    Exported,
    FeedRead,
    History,
    Invoked,
    Leased,
    LettersDecided,
    Measured,
    Outcome,
    ReadBegun,
    ReadEnded,
    Record,
    Refused,
    Rested,
    Sent,
    Shown,
    Stepped,
    Timed,
    TimerCancelled,
    Unsettled,
    Wanted,
)
from angzarr_store import (
    EMPTY_CHAIN,
    Advance,
    Apply,
    Backlog,
    DropLetter,
    Lease,
    Letter,
    LetterState,
    ProcessBatch,
    Reaction,
    ReactionState,
    SaveLetter,
    SaveProjection,
    SaveReaction,
    Timer,
)

from .parts import KEY, OTHER, TRY, claim, log, row


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
RESTED = Rested(heads=(("order", 3), ("stock", 1)), is_quiet=True, now="2026-01-03")
TIMER = Timer(key=KEY, timer_type="t", correlation_id="", deadline="2026-01-02", set_at="")
GONE = TimerCancelled(domain="process", key=KEY, timer_type="u")
DECIDED = LettersDecided(ids=("saga:order:3",))
SHELF = log("shelf", (KEY, 0, "e-1"), (KEY, 1, "e-1"), (TRY, 1, "e-2"))
SHELF_DUMP = Dumped(domain="shelf", events=SHELF, divergences=(("try", TRY.root, 1),))
TRIED = Accepted(command_id="e-2", domain="shelf", key=TRY, events=(claim(SHELF[2]),))
LOOK = ReadEnded(
    read=2,
    domain="shelf",
    key=TRY,
    pages=((0, SHELF[0].page or b""), (1, SHELF[2].page or b"")),
)
AWAITED = Awaited(
    command_id="c-1",
    components=("projector", "saga"),
    outcomes=(
        Outcome(component="projector", domain="order", position=3, depth=0, result="APPLIED"),
        Outcome(
            component="saga",
            domain="order",
            position=1,
            depth=0,
            result="APPLIED",
            commands=(Sent(command_id="r-1", domain="stock", position=1, result="ACCEPTED"),),
        ),
        Outcome(
            component="saga",
            domain="order",
            position=3,
            depth=1,
            result="PARKED",
            letter="saga:order:3",
        ),
        Outcome(component="later", domain="stock", position=1, depth=1, result="TIMED_OUT"),
    ),
)


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


def step(command_id: str, *pages: bytes, **more: object) -> Stepped:
    """Return an append of the process manager."""
    batch = ProcessBatch(
        command_id=command_id,
        key=KEY,
        type_url="t",
        base=0,
        correlation_id="",
        created_at="",
        pages=pages,
        **more,  # type: ignore[arg-type]  # fields of ProcessBatch
    )
    return Stepped(domain="process", batch=batch)


STEP = step("d-1", b"p", armed=(TIMER, replace(TIMER, timer_type="u")))
FIRED = step("f-1", b"p", fires=TIMER)
PROCESS_DUMP = Dumped(domain="process", events=log("process", (KEY, 0, "d-1"), (KEY, 1, "f-1")))
HANDLED = commit("process", 1, Apply(position=1))
WANTED = replace(wanted("process", 0, 0), decision="d-1", pages=1, timers=("t",))

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
    DECIDED,
    AWAITED,
    lease("process", 1, 0),
    asked("process", 0),
    STEP,
    HANDLED,
    GONE,
    FIRED,
    commit("process", 1, Advance(old=0, new=3, chain=ORDER[2].chain)),
    Invoked(command_id="e-1", domain="shelf", key=KEY),
    Invoked(command_id="e-2", domain="shelf", key=TRY),
    ReadBegun(read=3, domain="shelf", key=TRY),
    replace(LOOK, read=3, pages=((0, SHELF[0].page or b""), (1, SHELF[1].page or b""))),
    TRIED,
    Audited(command_id="e-2", identity="alice", is_entitled=True),
    ReadBegun(read=2, domain="shelf", key=TRY),
    LOOK,
    Refused(command_id="e-3", domain="shelf", key=TRY, reason="M", is_final=False, following=2),
    DUMP,
    STOCK_DUMP,
    PROCESS_DUMP,
    SHELF_DUMP,
    lease("saga", 3, 3, PARKED),
    lease("process", 2, 3),
    WANTED,
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
