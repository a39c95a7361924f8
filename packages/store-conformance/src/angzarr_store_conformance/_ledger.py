"""Contract tests of the ledger."""

from dataclasses import replace

import pytest

from angzarr_store import (
    EMPTY_CHAIN,
    OPEN_LETTERS,
    REACTIONS_KEPT,
    Advance,
    Apply,
    Change,
    FencedError,
    ForgetSubscription,
    LetterQuery,
    Reaction,
    ReactionState,
    SaveLetter,
    SaveProjection,
    SaveReaction,
)
from angzarr_store_conformance._contract import Contract, Reopen, root_key
from angzarr_store_conformance._letters import letter

CHAIN = b"c" * 32
OPEN = LetterQuery(states=OPEN_LETTERS)


class LedgerContract(Contract):
    """What a subscriber's rows do."""

    async def test_a_new_subscription_starts_at_the_beginning(self, reopen: Reopen) -> None:
        """Position 0 and the empty chain."""
        lease = await (await reopen()).ledger.acquire("saga", "order")

        assert (lease.position, lease.chain, lease.epoch) == (0, EMPTY_CHAIN, 1)

    async def test_a_restart_finds_its_place(self, reopen: Reopen) -> None:
        """The checkpoint and its chain are durable; the epoch rises with each lease."""
        ledger = (await reopen()).ledger
        first = await ledger.acquire("saga", "order")
        await ledger.commit(first, [Advance(old=0, new=4, chain=CHAIN)])

        lease = await (await reopen()).ledger.acquire("saga", "order")

        assert (lease.position, lease.chain, lease.epoch) == (4, CHAIN, 2)

    async def test_an_old_lease_is_fenced(self, reopen: Reopen) -> None:
        """FencedError once a newer lease exists, even without moving the checkpoint."""
        ledger = (await reopen()).ledger
        old = await ledger.acquire("saga", "order")
        await ledger.acquire("saga", "order")

        with pytest.raises(FencedError):
            await ledger.commit(old, [Apply(position=1)])

    async def test_the_checkpoint_is_a_compare_and_set(self, reopen: Reopen) -> None:
        """FencedError when `old` is not the checkpoint; then no change of the call is made."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")

        with pytest.raises(FencedError):
            await ledger.commit(lease, [Apply(position=9), Advance(old=3, new=4, chain=CHAIN)])

        assert (await ledger.backlog(lease)).applied == frozenset()

    async def test_advancing_forgets_what_it_passes(self, reopen: Reopen) -> None:
        """Applied rows exist only above the checkpoint."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        await ledger.commit(lease, [Apply(position=position) for position in (1, 2, 5)])
        await ledger.commit(lease, [Advance(old=0, new=2, chain=CHAIN)])

        assert (await ledger.backlog(lease)).applied == frozenset({5})

    async def test_spent_reactions_are_forgotten_in_time(self, reopen: Reopen) -> None:
        """Accepted ones go when the checkpoint is far past them; a rejection stays on record."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        rejected = _reaction(1, 1, ReactionState.REJECTED)
        spent = [
            _reaction(1, 0, ReactionState.ACCEPTED),
            rejected,
            _reaction(1, 2, ReactionState.DISCARDED),
        ]
        await ledger.commit(lease, [SaveReaction(reaction=it) for it in spent])

        far = REACTIONS_KEPT + 1
        await ledger.commit(lease, [Advance(old=0, new=far - 1, chain=CHAIN)])
        kept = await ledger.reactions(lease, 1)
        await ledger.commit(lease, [Advance(old=far - 1, new=far, chain=CHAIN)])

        assert len(kept) == len(spent)
        assert await ledger.reactions(lease, 1) == (rejected,)

    async def test_open_reactions_come_back_in_order(self, reopen: Reopen) -> None:
        """The backlog holds the reactions of events that are not applied, with their states."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        owed = [_reaction(2, 0), _reaction(1, 1), _reaction(1, 0)]
        await ledger.commit(lease, [SaveReaction(reaction=it) for it in owed])
        settled = _reaction(1, 0, ReactionState.ACCEPTED)
        await ledger.commit(lease, [SaveReaction(reaction=settled), Apply(position=2)])

        backlog = await ledger.backlog(lease)

        assert backlog.reactions == (settled, _reaction(1, 1))

    async def test_a_due_reaction_outlives_its_event(self, reopen: Reopen) -> None:
        """It comes back although its event is applied, and although the checkpoint passed it."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        due = [_reaction(at, 0, ReactionState.DUE) for at in (1, 3)]
        left = [_reaction(at, 1) for at in (1, 3)]
        saved = [SaveReaction(reaction=it) for it in (*due, *left)]
        await ledger.commit(lease, [*saved, Advance(old=0, new=2, chain=CHAIN), Apply(position=3)])

        again = (await reopen()).ledger
        backlog = await again.backlog(await again.acquire("saga", "order"))

        assert backlog.reactions == tuple(due)

    async def test_a_projection_never_goes_back(self, reopen: Reopen) -> None:
        """An older projection does not replace a newer one."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("stock", "order")
        for sequence in (0, 4, 2):
            value = b"%d" % sequence
            change = SaveProjection(key=root_key(1), sequence=sequence, projection=value)
            await ledger.commit(lease, [change])

        assert await ledger.projection(lease, root_key(1)) == (4, b"4")
        assert await ledger.projection(lease, root_key(2)) is None

    async def test_a_forgotten_subscription_leaves_nothing(self, reopen: Reopen) -> None:
        """Checkpoint, applied rows, reactions, projections and letters go, its lease with them."""
        ledger = (await reopen()).ledger
        other = await ledger.acquire("stock", "order")
        lease = await ledger.acquire("stock~1", "order")
        for it in (other, lease):
            parked = replace(letter(3), id=it.letter_id(3), subscriber=it.subscriber)
            rows: list[Change] = [
                SaveReaction(reaction=_reaction(2, 0)),
                SaveProjection(key=root_key(1), sequence=1, projection=b"p"),
                SaveLetter(letter=parked),
            ]
            await ledger.commit(it, [*rows, Advance(old=0, new=1, chain=CHAIN), Apply(position=3)])
        await ledger.commit(lease, [ForgetSubscription()])

        with pytest.raises(FencedError):
            await ledger.commit(lease, [Apply(position=4)])
        again = await ledger.acquire("stock~1", "order")
        backlog = await ledger.backlog(again)

        assert (again.position, again.chain, again.epoch) == (0, EMPTY_CHAIN, 1)
        assert (backlog.applied, backlog.reactions, backlog.letters) == (frozenset(), (), ())
        assert await ledger.projection(again, root_key(1)) is None
        assert await ledger.projection(other, root_key(1)) == (1, b"p")
        assert [it.letter.subscriber for it in await ledger.letters(OPEN, limit=9)] == ["stock"]

    async def test_subscribers_are_apart(self, reopen: Reopen) -> None:
        """The place of one subscriber or source domain is not that of another."""
        ledger = (await reopen()).ledger
        lease = await ledger.acquire("saga", "order")
        await ledger.commit(lease, [Advance(old=0, new=4, chain=CHAIN)])

        others = [await ledger.acquire("other", "order"), await ledger.acquire("saga", "cart")]

        assert [other.position for other in others] == [0, 0]


def _reaction(position: int, index: int, state: ReactionState = ReactionState.OWED) -> Reaction:
    return Reaction(
        position=position, index=index, command_id=f"{position}-{index}", command=b"x", state=state
    )
