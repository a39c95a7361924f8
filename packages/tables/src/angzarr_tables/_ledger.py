"""The subscribers' rows on tables."""

from collections.abc import Sequence

from typing_extensions import override

from angzarr_ports import Faults
from angzarr_rows import filed_of, key_values, letter_of, reaction_of
from angzarr_store import (
    Backlog,
    Change,
    Filed,
    Lease,
    Ledger,
    Letter,
    LetterQuery,
    Reaction,
    ReactionState,
    RootKey,
)
from angzarr_tables._reads import Reads
from angzarr_tables._subscriptions import (
    Acquire,
    CommitChanges,
    DiscardLetter,
    FileLetter,
    RequestReplay,
)
from angzarr_tables._writer import Writer


class TableLedger(Ledger):
    """The rows of one component's subscriptions."""

    def __init__(self, writer: Writer, reads: Reads, faults: Faults) -> None:
        self._writer = writer
        self._reads = reads
        self._faults = faults

    @override
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        return await self._writer.execute(Acquire(subscriber=subscriber, domain=domain))

    @override
    async def backlog(self, lease: Lease) -> Backlog:
        names = _names(lease)
        applied = frozenset(row[0] for row in await self._reads.rows("select_applied", names))
        reactions = map(reaction_of, await self._reads.rows("select_reactions", names))
        letters = map(letter_of, await self._reads.rows("select_letters", names))
        return Backlog(
            applied=applied,
            reactions=tuple(it for it in reactions if _is_open(it, applied)),
            letters=tuple(letters),
        )

    @override
    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        operation = CommitChanges(lease=lease, changes=changes, faults=self._faults)
        refused = await self._writer.execute(operation)
        if refused is not None:
            raise refused

    @override
    async def projection(self, lease: Lease, key: RootKey) -> tuple[int, bytes] | None:
        values = {**_names(lease), **key_values(key)}
        for sequence, projection in await self._reads.rows("select_projection", values):
            return sequence, projection
        return None

    @override
    async def reactions(self, lease: Lease, position: int) -> tuple[Reaction, ...]:
        names = {**_names(lease), "position": position}
        return tuple(map(reaction_of, await self._reads.rows("select_event_reactions", names)))

    @override
    async def letters(
        self, wanted: LetterQuery, *, after: tuple[str, str] = ("", ""), limit: int
    ) -> list[Filed]:
        place = {"after": after[0], "after_id": after[1], "limit": limit}
        rows = await self._reads.rows("select_filed_letters", {**_wanted(wanted), **place})
        return [filed_of(row) for row in rows]

    @override
    async def count_letters(self, wanted: LetterQuery) -> int:
        rows = await self._reads.rows("select_letters_count", _wanted(wanted))
        return int(rows[0][0])

    @override
    async def letter(self, id_: str) -> Filed | None:
        rows = await self._reads.rows("select_filed_letter", {"id": id_})
        return filed_of(rows[0]) if rows else None

    @override
    async def root_letters(
        self, subscriber: str, domain: str, key: RootKey, *, limit: int
    ) -> list[Letter]:
        names = {"subscriber": subscriber, "domain": domain, "limit": limit, **key_values(key)}
        return [letter_of(row) for row in await self._reads.rows("select_root_letters", names)]

    @override
    async def request_replay(self, ids: Sequence[str]) -> None:
        await self._writer.execute(RequestReplay(ids=ids))

    @override
    async def discard_letter(self, id_: str, note: str) -> bool:
        return await self._writer.execute(DiscardLetter(id=id_, note=note))

    @override
    async def file_letter(self, letter: Letter) -> None:
        await self._writer.execute(FileLetter(letter=letter))


def _is_open(reaction: Reaction, applied: frozenset[int]) -> bool:
    return reaction.state is ReactionState.DUE or reaction.position not in applied


def _names(lease: Lease) -> dict[str, object]:
    return {
        "subscriber": lease.subscriber,
        "domain": lease.domain,
        "position": lease.position,
    }


def _wanted(wanted: LetterQuery) -> dict[str, object]:
    return {
        "states": f",{','.join(sorted(wanted.states))},",
        "subscriber": wanted.subscriber,
        "domain": wanted.domain,
        "root": wanted.root,
        "kind": wanted.kind or "",
    }
