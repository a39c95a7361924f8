"""Contract tests of the letters."""

from dataclasses import replace

from angzarr_store import (
    OPEN_LETTERS,
    Apply,
    DropLetter,
    ForgetReactions,
    Lease,
    Ledger,
    Letter,
    LetterKind,
    LetterQuery,
    LetterState,
    Reaction,
    ReactionState,
    SaveLetter,
    SaveReaction,
)
from angzarr_store_conformance._contract import Contract, Reopen, root_key

OPEN = LetterQuery(states=OPEN_LETTERS)


class LettersContract(Contract):
    """What becomes of failures."""

    async def test_letters_survive_and_only_retrying_ones_are_dropped(self, reopen: Reopen) -> None:
        """Attempts are counted over restarts; the backlog shows no bytes."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        kept = letter(3, LetterState.RETRYING)
        await _save(ledger, lease, kept, letter(1, LetterState.RETRYING), letter(2))
        await ledger.commit(lease, [DropLetter(id=letter(1).id), DropLetter(id=letter(2).id)])

        again = (await reopen()).ledger
        backlog = await again.backlog(await again.acquire("saga", "order"))

        assert backlog.letters == (letter(2).without_bytes(), kept.without_bytes())

    async def test_the_backlog_holds_what_is_unfinished(self, reopen: Reopen) -> None:
        """Letters that were replayed or discarded are history."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        states = list(LetterState)
        await _save(ledger, lease, *(letter(at, state) for at, state in enumerate(states, 1)))

        found = (await ledger.backlog(lease)).letters

        assert [it.state for it in found] == states[:3]

    async def test_a_letter_is_found_by_its_id(self, reopen: Reopen) -> None:
        """Every field comes back, with the number of open letters behind it in its root."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        command = replace(
            letter(1),
            kind=LetterKind.COMMAND,
            event=b"event",
            command_id="c-1",
            attempted_at="2026-01-02",
            note="why",
        )
        others = [letter(0), letter(2), letter(3, LetterState.REPLAYED), letter(4, root=2)]
        await _save(ledger, lease, command, *others)

        again = (await reopen()).ledger
        filed = await again.letter(command.id)

        assert filed is not None
        assert (filed.letter, filed.waiting) == (command, 1)
        assert await again.letter("saga:order:99") is None

    async def test_letters_are_listed_page_by_page(self, reopen: Reopen) -> None:
        """All subscribers, by time and id; the next page begins behind the last one."""
        ledger = (await reopen()).ledger
        saga = await ledger.acquire("saga", "order")
        other = await ledger.acquire("other", "cart")
        late, early = replace(letter(1), parked_at="2027"), replace(letter(3), parked_at="2025")
        foreign = replace(letter(2), id="other:cart:2", subscriber="other", domain="cart")
        await _save(ledger, saga, late, early, letter(2))
        await _save(ledger, other, foreign)

        count = await ledger.count_letters(OPEN)
        first = await ledger.letters(OPEN, limit=3)
        last = first[-1].letter
        second = await ledger.letters(OPEN, after=(last.parked_at, last.id), limit=3)

        assert [it.letter.id for it in first] == [early.id, foreign.id, letter(2).id]
        assert [it.letter for it in second] == [late.without_bytes()]
        assert count == len(first) + len(second)

    async def test_letters_are_selected(self, reopen: Reopen) -> None:
        """By subscriber, source domain, root, kind and state."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        command = replace(letter(2), kind=LetterKind.COMMAND)
        await _save(ledger, lease, letter(1), command, letter(3, LetterState.REPLAYED, root=2))

        for wanted, positions in (
            (LetterQuery(states=OPEN_LETTERS, subscriber="saga", domain="order"), [1, 2]),
            (LetterQuery(states=OPEN_LETTERS, subscriber="other"), []),
            (LetterQuery(states=OPEN_LETTERS, domain="cart"), []),
            (LetterQuery(states=OPEN_LETTERS, root=root_key(2).root), []),
            (LetterQuery(states=OPEN_LETTERS, kind=LetterKind.COMMAND), [2]),
            (LetterQuery(states=frozenset(LetterState), root=root_key(2).root), [3]),
            (LetterQuery(states=frozenset({LetterState.REPLAY})), []),
        ):
            found = await ledger.letters(wanted, limit=9)
            assert [it.letter.position for it in found] == positions
            assert await ledger.count_letters(wanted) == len(positions)

    async def test_a_root_has_its_open_letters_in_order(self, reopen: Reopen) -> None:
        """The oldest event first, whenever it was parked."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        own = [replace(letter(10), parked_at="2020"), letter(9, LetterState.REPLAY)]
        await _save(ledger, lease, *own, letter(8, LetterState.DISCARDED), letter(7, root=2))

        found = await ledger.root_letters("saga", "order", root_key(1), limit=5)
        oldest = await ledger.root_letters("saga", "order", root_key(1), limit=1)

        assert [it.position for it in found] == [9, 10]
        assert oldest == found[:1]

    async def test_a_replay_is_asked_for_what_is_parked(self, reopen: Reopen) -> None:
        """The request is durable; other states stay."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        gone = letter(2, LetterState.DISCARDED)
        await _save(ledger, lease, letter(1), gone)

        await ledger.request_replay([letter(1).id, gone.id, "nothing"])

        again = (await reopen()).ledger
        assert [await _state(again, it) for it in (letter(1), gone)] == [
            LetterState.REPLAY,
            LetterState.DISCARDED,
        ]

    async def test_only_a_parked_letter_is_discarded(self, reopen: Reopen) -> None:
        """It stays, with the note; anything else is left as it is."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        await _save(ledger, lease, letter(1), letter(2, LetterState.REPLAY))

        told = [await ledger.discard_letter(it, "lost") for it in (letter(1).id, letter(2).id, "x")]

        assert told == [True, False, False]
        filed = await (await reopen()).ledger.letter(letter(1).id)
        assert filed is not None
        assert filed.letter == replace(letter(1, LetterState.DISCARDED), note="lost")

    async def test_a_discarded_event_takes_its_commands_along(self, reopen: Reopen) -> None:
        """What was not sent is discarded too; nothing remains to be done."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        states = [ReactionState.ACCEPTED, ReactionState.PARKED, ReactionState.OWED]
        await _react(ledger, lease, *states)
        await _save(ledger, lease, letter(1))

        await ledger.discard_letter(letter(1).id, "lost")

        found = [it.state for it in await ledger.reactions(lease, 1)]
        assert found == [ReactionState.ACCEPTED, ReactionState.DISCARDED, ReactionState.DISCARDED]
        assert await ledger.root_letters("saga", "order", root_key(1), limit=9) == []

    async def test_a_discarded_command_leaves_the_others(self, reopen: Reopen) -> None:
        """The event goes on without it: an untried letter holds its place in the root."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        await _react(ledger, lease, ReactionState.PARKED, ReactionState.OWED)
        command = replace(letter(1), kind=LetterKind.COMMAND, event=b"event", command_id="c-0")
        await _save(ledger, lease, command, letter(2))

        await ledger.discard_letter(command.id, "lost")

        again = (await reopen()).ledger
        found = [it.state for it in await again.reactions(lease, 1)]
        assert found == [ReactionState.DISCARDED, ReactionState.OWED]
        following = await again.root_letters("saga", "order", root_key(1), limit=9)
        filed = await again.letter(following[0].id)
        assert filed is not None
        held = filed.letter
        assert (held.position, held.kind, held.attempts, filed.waiting) == (1, "event", 0, 1)
        assert (held.payload, held.note, held.is_free) == (b"event", "", True)
        assert await _state(again, command) is LetterState.DISCARDED

    async def test_spent_reactions_of_one_event_are_forgotten(self, reopen: Reopen) -> None:
        """Those of others stay."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        await _react(ledger, lease, ReactionState.ACCEPTED, ReactionState.REJECTED)
        await ledger.commit(lease, [Apply(position=1)])
        other = Reaction(position=2, index=0, command_id="d", command=b"")
        other = replace(other, state=ReactionState.ACCEPTED)
        await ledger.commit(lease, [SaveReaction(reaction=other), ForgetReactions(position=1)])

        found = [await ledger.reactions(lease, position) for position in (1, 2, 3)]

        assert [[it.state for it in each] for each in found] == [["rejected"], ["accepted"], []]

    async def test_a_letter_of_an_aggregate_needs_no_lease(self, reopen: Reopen) -> None:
        """It is filed, found and replaced like any other."""
        ledger = (await reopen()).ledger
        revoked = replace(letter(0), subscriber="order", kind=LetterKind.COMMAND)
        await ledger.file_letter(revoked)
        await ledger.file_letter(replace(revoked, state=LetterState.REPLAYED))

        found = await (await reopen()).ledger.letter(revoked.id)

        assert found is not None
        assert found.letter == replace(revoked, state=LetterState.REPLAYED)


def letter(position: int, state: LetterState = LetterState.PARKED, *, root: int = 1) -> Letter:
    """Return a letter of an event."""
    return Letter(
        id=f"saga:order:{position}",
        subscriber="saga",
        domain="order",
        position=position,
        sequence=position,
        key=root_key(root),
        cover=b"cover",
        payload=b"book",
        status=b"\x08\x0d",
        reason="LOGIC_FAILED",
        attempts=position,
        state=state,
        parked_at="2026",
    )


async def _save(ledger: Ledger, lease: Lease, *letters: Letter) -> None:
    await ledger.commit(lease, [SaveLetter(letter=it) for it in letters])


async def _react(ledger: Ledger, lease: Lease, *states: ReactionState) -> None:
    reactions = [
        Reaction(position=1, index=index, command_id=f"c-{index}", command=b"x", state=state)
        for index, state in enumerate(states)
    ]
    await ledger.commit(lease, [SaveReaction(reaction=it) for it in reactions])


async def _state(ledger: Ledger, wanted: Letter) -> LetterState | None:
    filed = await ledger.letter(wanted.id)
    return filed.letter.state if filed else None
