"""Every invariant passes one history and catches another (reliability.md §4)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from angzarr_history import (
    INVARIANTS,
    Audited,
    Awaited,
    Compared,
    Dumped,
    Exported,
    FeedRead,
    History,
    Invoked,
    Left,
    LettersDecided,
    Measured,
    Shown,
    Timed,
    check,
    from_lines,
    to_lines,
)
from angzarr_store import Advance, Apply, LetterState, ReactionState, SaveLetter

from .good import (
    ACCEPTED,
    AWAITED,
    DUMP,
    FIRED,
    GOOD,
    LOOK,
    ORDER,
    ORDER_ROWS,
    PARKED,
    READ,
    REFUSED,
    RESTED,
    SECOND,
    SHELF,
    SHELF_DUMP,
    STEP,
    STOCK_DUMP,
    asked,
    changed,
    commit,
    lease,
    letter,
    moved,
    projected,
    reaction,
)
from .parts import KEY, OTHER, TRY, claim, log, row

SENT = AWAITED.outcomes[1].commands[0]


def told(index: int, **values: object) -> Awaited:
    """Return what a client was told, with one outcome changed."""
    outcomes = list(AWAITED.outcomes)
    outcomes[index] = replace(outcomes[index], **values)  # type: ignore[arg-type]  # its fields
    return replace(AWAITED, outcomes=tuple(outcomes))


BAD: dict[str, list[Callable[[], History]]] = {
    "I1": [
        lambda: changed(DUMP, replace(DUMP, events=ORDER[:2])),
        lambda: changed(ACCEPTED, replace(ACCEPTED, events=(replace(claim(ORDER[0]), page=b"x"),))),
    ],
    "I2": [
        lambda: changed(Invoked(command_id="c-2", domain="order", key=OTHER)),
        lambda: changed(REFUSED, replace(REFUSED, command_id="c-2", key=OTHER, following=None)),
        lambda: changed(
            Invoked(command_id="e-2", domain="shelf", key=TRY),
            Invoked(command_id="e-2", domain="shelf", key=KEY),
        ),
        lambda: changed(STOCK_DUMP, replace(STOCK_DUMP, events=log("stock", (TRY, 0, "r-1")))),
    ],
    "I3": [
        lambda: changed(DUMP, moved(1, position=7)),
        lambda: changed(DUMP, replace(DUMP, commands=(row("c-1", KEY, (0, 1), 3),))),
    ],
    "I4": [
        lambda: changed(DUMP, moved(1, sequence=2)),
        lambda: changed(DUMP, replace(DUMP, divergences=(("angzarr", OTHER.root, 4),))),
    ],
    "I5": [
        lambda: changed(DUMP, replace(DUMP, commands=(*ORDER_ROWS, ORDER_ROWS[1]))),
        lambda: changed(DUMP, replace(DUMP, events=(*ORDER, ORDER[0]))),
        lambda: changed(DUMP, replace(DUMP, commands=ORDER_ROWS[1:])),
    ],
    "I6": [
        lambda: changed(SECOND, replace(SECOND, key=KEY)),
        lambda: changed(DUMP, replace(DUMP, commands=(row("c-1", KEY, (1, 1), 2),))),
    ],
    "I7": [
        lambda: changed(READ, replace(READ, pages=READ.pages[:1])),
        lambda: changed(READ, replace(READ, pages=((0, b"x"), READ.pages[1]))),
        lambda: changed(REFUSED, replace(REFUSED, following=1)),
        lambda: changed(
            SECOND,
            SECOND,
            Invoked(command_id="c-9", domain="order", key=OTHER),
            replace(SECOND, command_id="c-9"),
        ),
        lambda: changed(LOOK, replace(LOOK, pages=(LOOK.pages[0], (1, SHELF[1].page or b"")))),
    ],
    "I8": [
        lambda: changed(DUMP, moved(0, digest=b"x")),
        lambda: changed(DUMP, moved(2, page=b"x")),
        lambda: changed(DUMP, replace(DUMP, events=ORDER[:1])),
        lambda: changed(GOOD[6], Exported(domain="order", position=2, chain=b"x")),
    ],
    "I9": [
        lambda: changed(RESTED, replace(RESTED, is_quiet=False)),
        lambda: changed(RESTED, replace(RESTED, heads=(("order", 4),))),
        lambda: changed(asked("projector", 1)),
        lambda: changed(
            lease("saga", 3, 3, PARKED), lease("saga", 3, 3, letter(LetterState.RETRYING))
        ),
        lambda: changed(
            lease("saga", 3, 3, PARKED), lease("saga", 3, 3, letter(LetterState.REPLAY))
        ),
        lambda: changed(FIRED),
    ],
    "I10": [
        lambda: changed(asked("projector", 0)),
        lambda: changed(
            asked("saga", 0),
            commit("saga", 1, SaveLetter(letter=replace(PARKED, key=KEY, position=0))),
            asked("saga", 0),
        ),
        lambda: changed(asked("saga", 2), asked("saga", 2), replace(asked("saga", 2), sequence=5)),
        lambda: changed(
            DUMP,
            commit("saga", 2, SaveLetter(letter=replace(PARKED, id="saga:order:2", position=2))),
            commit("saga", 2, SaveLetter(letter=letter(LetterState.REPLAYED))),
            DUMP,
        ),
    ],
    "I11": [
        lambda: changed(DUMP, commit("projector", 1, projected(0)), DUMP),
        lambda: changed(DUMP, replace(DUMP, events=(*ORDER, *log("order", (KEY, 2, "r-1"))))),
        lambda: changed(FIRED, FIRED, FIRED),
    ],
    "I12": [
        lambda: changed(commit("saga", 1, reaction(ReactionState.ACCEPTED), Apply(position=1))),
        lambda: changed(GOOD[26], commit("saga", 2, Advance(old=2, new=3, chain=b""))),
        lambda: changed(GOOD[22], commit("saga", 2, Advance(old=1, new=2, chain=b""))),
        lambda: changed(GOOD[30], commit("projector", 1, projected(0), projected(1))),
        lambda: changed(STEP),
        lambda: changed(STEP, replace(STEP, batch=replace(STEP.batch, armed=()))),
    ],
    "I13": [
        lambda: changed(
            GOOD[19], commit("saga", 1, reaction(ReactionState.REJECTED), Apply(position=1))
        ),
        lambda: changed(GOOD[19], commit("saga", 1, reaction(ReactionState.ACCEPTED, b"other"))),
        lambda: changed(GOOD[19], commit("saga", 1, Apply(position=1))),
        lambda: changed(GOOD[19], GOOD[19], commit("saga", 1, reaction(ReactionState.OWED))),
        lambda: changed(GOOD[19], commit("saga", 1, reaction(ReactionState.REJECTED))),
        lambda: changed(STOCK_DUMP, Dumped(domain="stock", events=())),
        lambda: changed(GOOD[19], commit("saga", 1, reaction(ReactionState.PARKED)), GOOD[19]),
    ],
    "I14": [
        lambda: changed(ACCEPTED, ACCEPTED, replace(ACCEPTED, events=ACCEPTED.events[:1])),
        lambda: changed(REFUSED, replace(REFUSED, command_id="c-1", following=None)),
        lambda: changed(DUMP, replace(DUMP, commands=(replace(ORDER_ROWS[0], status=b"no"),))),
        lambda: changed(
            REFUSED, replace(REFUSED, command_id="c-2", is_recorded=True, is_final=False)
        ),
        lambda: changed(asked("projector", 0), AWAITED, asked("projector", 0)),
        lambda: changed(AWAITED, replace(AWAITED, components=("projector", "process"))),
        lambda: changed(AWAITED, told(0, position=4)),
        lambda: changed(AWAITED, told(1, commands=(replace(SENT, result="REJECTED"),))),
        lambda: changed(AWAITED, told(1, commands=(replace(SENT, result="PENDING"),))),
        lambda: changed(AWAITED, told(1, commands=(replace(SENT, domain="order"),))),
        lambda: changed(AWAITED, told(2, letter="saga:order:1")),
        lambda: changed(GOOD[30], commit("projector", 1, projected(0))),
    ],
    "I15": [
        lambda: changed(
            DUMP, replace(DUMP, commands=(replace(ORDER_ROWS[0], epoch=9), ORDER_ROWS[1]))
        ),
        lambda: changed(DUMP, DUMP, lease("saga", 9, 3), commit("saga", 8, Apply(position=9))),
    ],
    "I16": [lambda: changed(GOOD[-1], Timed(p99_seconds=2.0, reference_seconds=1.0))],
    "I17": [lambda: changed(GOOD[-5], Measured(what="inbox", value=5, limit=4))],
    "I18": [
        lambda: changed(DUMP, moved(2, position=4)),
        lambda: changed(GOOD[7], FeedRead(domain="order", after=0, places=((2, b""),))),
        lambda: changed(GOOD[7], FeedRead(domain="order", after=1, places=((2, b"x"),))),
    ],
    "I19": [
        lambda: changed(GOOD[4]),
        lambda: changed(GOOD[4], Audited(command_id="c-1", identity="eve", is_entitled=False)),
    ],
    "I20": [
        lambda: changed(GOOD[-4], Compared(what="model", live=b"m", rebuilt=b"n")),
        lambda: changed(GOOD[-4], Compared(what="model", live=b"m", rebuilt=b"m", emitted=1)),
    ],
    "I21": [
        lambda: changed(GOOD[-2], Shown(log="order", reader="b", model=b"n")),
        lambda: changed(GOOD[-1], GOOD[-1], Left(what="socket order.sock")),
    ],
}


def test_a_history_without_fault_passes() -> None:
    """Every kind of record is in it, and no invariant is broken, as written and as read again."""
    history = History(records=list(GOOD), is_audited=True)

    assert check(history) == []
    again = from_lines(to_lines(history))
    assert again.records == history.records
    assert set(BAD) == set(INVARIANTS)


@pytest.mark.parametrize("name", INVARIANTS)
def test_a_planted_fault_is_named(name: str) -> None:
    """Each fault breaks the invariant that it is planted against, with a message."""
    for plant in BAD[name]:
        found = {it.invariant: str(it) for it in check(plant())}

        assert name in found
        assert found[name].startswith(f"{name} {INVARIANTS[name][0]}: ")


def test_an_event_that_is_given_up_is_neither_due_nor_in_the_way() -> None:
    """A letter that is discarded untried is never handled, and its successor waits for nobody."""
    records = changed(asked("saga", 2)).records
    at = records.index(DUMP)
    records[at:at] = [LettersDecided(ids=("saga:order:3",), is_discard=True)]
    final = records.index(lease("saga", 3, 3, PARKED))
    records[final] = lease("saga", 3, 3)

    assert check(History(records=records, is_audited=True)) == []


def test_a_deleted_edition_is_missed_by_nobody() -> None:
    """Its events leave their places, and nothing that was heard of them is held against anybody."""
    left = (*SHELF[:2], replace(SHELF[2], page=None))
    history = changed(SHELF_DUMP, replace(SHELF_DUMP, events=left, divergences=()))

    assert check(history) == []


def test_what_was_not_recorded_is_not_checked() -> None:
    """Without dump, rest and audit nothing can be missed; a tombstone keeps its digest."""
    assert check(History(records=[ACCEPTED, asked("saga", 2)])) == [
        it for it in check(History(records=[ACCEPTED])) if it
    ]
    tombstone = replace(DUMP, events=(ORDER[0], ORDER[1], replace(ORDER[2], page=None)))
    assert "I8" not in {it.invariant for it in check(History(records=[tombstone]))}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "3",
        '{"record":"Nothing"}',
        '{"record":"Claim"}',
        '{"record":"RootKey","edition":"","root":{"hex":""}}',
    ],
)
def test_a_line_that_is_no_record_is_refused(line: str) -> None:
    """The error names the line."""
    with pytest.raises(ValueError, match="line 1 is no record"):
        from_lines([line])
