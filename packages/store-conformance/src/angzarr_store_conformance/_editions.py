"""Contract tests of named editions (contract.md §4.11)."""

from dataclasses import replace

import pytest

from angzarr.types_pb2 import TemporalQuery
from angzarr_store import (
    Appended,
    Batch,
    CommandIdReusedError,
    ConflictError,
    DivergenceMismatchError,
    Edition,
    EditionDeletedError,
    EditionExistsError,
    EventLog,
    FencedError,
    MainEditionError,
    RootKey,
    Snapshot,
    Verifier,
)
from angzarr_store_conformance._contract import MAIN, Contract, Reopen, batch, root_key

NAME = "what-if"
KEY = root_key(1, NAME)
MEBIBYTE = 1024 * 1024


class EditionContract(Contract):
    """Branches of history beside main."""

    async def test_an_edition_leaves_main_where_it_was(self, reopen: Reopen) -> None:
        """Rule 5: the main next sequence now; the first event pins it, main goes on."""
        log = await _filled(reopen)
        before = await log.fork(KEY)

        await log.append(branch("b", base=3))
        await log.append(batch("m", base=3, pages=2))
        fork = await log.fork(KEY)

        assert (before.edition, before.divergence(None), before.next_sequence(None)) == (None, 3, 3)
        assert (fork.pinned, fork.main_next, fork.own_next) == (3, 5, 4)
        assert (fork.divergence(None), fork.next_sequence(None)) == (3, 4)
        assert [it.sequence for it in await log.read_root(KEY, limit_bytes=None)] == [3]

    async def test_an_edition_never_touches_main(self, reopen: Reopen) -> None:
        """The events of main are the same bytes under the same chain."""
        log = await _filled(reopen)
        main = await log.read_root(root_key(1), limit_bytes=None)

        await log.append(branch("b", base=3, pages=2))

        assert await log.read_root(root_key(1), limit_bytes=None) == main
        page = await log.read_feed(after=0, limit=10, limit_bytes=MEBIBYTE)
        assert [it.key.edition for it in page.events] == [MAIN] * 3 + [NAME] * 2

    async def test_another_base_is_a_conflict(self, reopen: Reopen) -> None:
        """Expected and actual count the composite timeline."""
        log = await _filled(reopen)

        with pytest.raises(ConflictError) as caught:
            await log.append(branch("b", base=0))

        assert (caught.value.expected, caught.value.actual) == (0, 3)

    async def test_a_request_says_where_it_leaves_main(self, reopen: Reopen) -> None:
        """Rule 2: recorded with the first command for the whole domain, then rule 3 holds."""
        log = await _filled(reopen)

        await log.append(replace(branch("b", base=1), divergence=1))
        log = await (await reopen()).log("order")

        assert (await log.fork(KEY)).divergence(None) == 1
        other = await log.fork(root_key(2, NAME))
        assert (other.recorded, other.divergence(None)) == (1, 0)
        await log.append(batch("m", root=2, pages=2))
        await log.append(branch("c", root=2, base=1))
        with pytest.raises(DivergenceMismatchError) as caught:
            await log.append(replace(branch("d", base=2), divergence=2))
        assert str(caught.value) == "Edition what-if diverges from order at 1, not 2"

    async def test_a_divergence_is_capped_by_main(self, reopen: Reopen) -> None:
        """An edition cannot begin behind what exists."""
        log = await _filled(reopen)

        await log.append(replace(branch("b", base=3), divergence=9))

        fork = await log.fork(KEY)
        assert (fork.pinned, fork.recorded) == (3, 9)

    @pytest.mark.parametrize(
        ("point", "divergence"),
        [
            (TemporalQuery(as_of_sequence=0), 1),
            (TemporalQuery(as_of_sequence=7), 3),
            ("2025-12-31T00:00:00Z", 0),
            ("2026-01-02T00:00:00Z", 2),
            ("2027-01-01T00:00:00Z", 3),
        ],
    )
    async def test_an_edition_leaves_main_at_its_point(
        self, reopen: Reopen, point: TemporalQuery | str, divergence: int
    ) -> None:
        """Rule 4: behind a sequence, or at the first event that was created later."""
        log = await (await reopen()).log("order")
        for base in range(3):
            created = f"2026-01-0{base + 1}T00:00:00+00:00"
            await log.append(replace(batch(f"c{base}", base=base), created_at=created))
        if isinstance(point, str):
            text, point = point, TemporalQuery()
            point.as_of_time.FromJsonString(text)
        await log.create_edition(_edition(point=point.SerializeToString()))

        fork = await log.fork(KEY)
        await log.append(branch("b", base=divergence))

        assert fork.divergence(None) == divergence
        assert (await log.fork(KEY)).pinned == divergence

    async def test_what_is_recorded_comes_before_the_point(self, reopen: Reopen) -> None:
        """The pin of a root before both."""
        log = await _filled(reopen)
        point = TemporalQuery(as_of_sequence=0).SerializeToString()
        await log.create_edition(_edition(point=point))
        await log.append(branch("b", base=1))

        await log.append(replace(branch("c", root=2, base=0), divergence=2))

        pinned, other = await log.fork(KEY), await log.fork(root_key(3, NAME))
        assert (pinned.divergence(None), other.recorded) == (1, 2)

    async def test_an_edition_exists_from_its_first_command(self, reopen: Reopen) -> None:
        """It is listed by name, over restarts; main is not."""
        log = await _filled(reopen)
        await log.append(branch("b", base=3))
        await log.create_edition(replace(_edition(), name="a-first"))

        log = await (await reopen()).log("order")

        assert [(it.name, it.deleted) for it in await log.editions()] == [
            ("a-first", False),
            (NAME, False),
        ]

    async def test_an_edition_is_created_once(self, reopen: Reopen) -> None:
        """Again with the same arguments is the first one; with others a refusal."""
        log = await _filled(reopen)
        first = await log.create_edition(_edition())

        again = await log.create_edition(replace(_edition(), created_at="later"))
        with pytest.raises(EditionExistsError, match="Edition already exists: what-if"):
            await log.create_edition(replace(_edition(), description="other"))

        assert first == again == _edition()

    async def test_main_is_no_edition(self, reopen: Reopen) -> None:
        """N36: whatever the caller."""
        log = await _filled(reopen)

        with pytest.raises(MainEditionError, match="is the main timeline"):
            await log.create_edition(replace(_edition(), name=MAIN))
        with pytest.raises(MainEditionError, match="The main timeline cannot be deleted"):
            await log.delete_edition(MAIN)

    async def test_a_deleted_edition_leaves_tombstones(self, reopen: Reopen) -> None:
        """Positions, digests and the chain stay, so the log verifies; pages and snapshots go."""
        log = await _filled(reopen)
        await log.append(branch("b", base=3, pages=2))
        await log.append(batch("m", base=3))
        await log.save_snapshot(Snapshot(key=KEY, sequence=4, state=b"state"))

        assert await log.delete_edition(NAME)

        log = await (await reopen()).log("order")
        page = await log.read_feed(after=0, limit=10, limit_bytes=MEBIBYTE)
        verifier = Verifier(domain="order")
        assert [verifier.fault(it) for it in page.events] == [""] * 6
        assert verifier.end_fault(page.head) == ""
        assert [it.page is None for it in page.events] == [False] * 3 + [True] * 2 + [False]
        assert await log.snapshot(KEY) is None

    async def test_a_deleted_name_is_spent(self, reopen: Reopen) -> None:
        """Neither a command nor a read nor a creation brings it back; deleting again is fine."""
        log = await _filled(reopen)
        await log.append(branch("b", base=3))
        await log.delete_edition(NAME)

        for late in (branch("c", base=3), branch("b", base=3), branch("d", root=9, base=0)):
            with pytest.raises(EditionDeletedError, match="Edition what-if was deleted"):
                await log.append(late)
        with pytest.raises(EditionDeletedError):
            await log.create_edition(_edition())
        fork = await log.fork(KEY)
        with pytest.raises(EditionDeletedError):
            fork.divergence(None)
        assert await log.delete_edition(NAME)
        assert not await log.delete_edition("unknown")

    async def test_command_ids_of_a_deleted_edition_remain_used(self, reopen: Reopen) -> None:
        """Nobody can take one for another command."""
        log = await _filled(reopen)
        await log.append(branch("b", base=3))
        await log.delete_edition(NAME)

        with pytest.raises(CommandIdReusedError):
            await log.append(batch("b", base=3))

    async def test_a_rejection_makes_an_edition_but_no_pin(self, reopen: Reopen) -> None:
        """It is the edition's first command; without events the root still follows main."""
        log = await _filled(reopen)

        await log.append(replace(branch("b", base=3), pages=(), status=b"\x08\x09"))
        await log.append(batch("m", base=3))

        fork = await log.fork(KEY)
        assert fork.edition is not None
        assert (fork.pinned, fork.next_sequence(None)) == (None, 4)

    async def test_an_old_owner_makes_no_edition(self, reopen: Reopen) -> None:
        """FencedError: another process owns the domain."""
        store = await reopen()
        old = await store.log("order")
        await store.log("order")

        with pytest.raises(FencedError):
            await old.create_edition(_edition())
        with pytest.raises(FencedError):
            await old.delete_edition(NAME)


async def _filled(reopen: Reopen) -> EventLog:
    log = await (await reopen()).log("order")
    found = await log.append(batch("a", pages=3))
    assert isinstance(found, Appended)
    return log


def branch(command_id: str, *, root: int = 1, base: int, pages: int = 1) -> Batch:
    """Return a batch on the edition."""
    made = batch(command_id, root=root, base=base, pages=pages)
    return replace(made, key=RootKey(edition=NAME, root=made.key.root))


def _edition(point: bytes = b"") -> Edition:
    return Edition(
        name=NAME, created_at="2026-01-01T00:00:00+00:00", description="try", point=point
    )
