"""Contract tests of appending."""

import asyncio
from dataclasses import replace

import pytest

from angzarr_store import (
    EMPTY_CHAIN,
    CommandIdReusedError,
    ConflictError,
    FencedError,
    RefusedError,
    event_digest,
    next_chain,
    with_position,
)
from angzarr_store_conformance._contract import Contract, Reopen, batch, rejection

MEBIBYTE = 1024 * 1024


class AppendContract(Contract):
    """What an append does."""

    @pytest.mark.parametrize("name", ["", "../order", "Order", "a\0b", "o" * 129])
    async def test_a_log_has_a_name(self, reopen: Reopen, name: str) -> None:
        """What could be more than a name is refused, and the store goes on."""
        store = await reopen()

        with pytest.raises(RefusedError, match=r"component\.domain"):
            await store.log(name)

        assert (await (await store.log("order")).head()).position == 0

    async def test_pages_are_stored_with_their_position(self, reopen: Reopen) -> None:
        """The stored page is the given page followed by its position, byte for byte."""
        log = await (await reopen()).log("order")

        appended = await log.append(batch("a", pages=2))

        assert appended.pages == (with_position(b"\x08\x00", 1), with_position(b"\x08\x01", 2))

    async def test_positions_are_dense_over_roots(self, reopen: Reopen) -> None:
        """Appends of many roots at once get positions 1..N without a hole."""
        log = await (await reopen()).log("order")

        async with asyncio.TaskGroup() as group:
            for root in range(24):
                group.create_task(log.append(batch(f"c{root}", root=root, pages=2)))
        feed = await log.read_feed(after=0, limit=100, limit_bytes=MEBIBYTE)

        assert [event.position for event in feed.events] == list(range(1, 49))

    async def test_a_repeat_gets_the_first_result(self, reopen: Reopen) -> None:
        """The same id again is answered with the first pages and stores nothing."""
        log = await (await reopen()).log("order")
        first = await log.append(batch("a"))

        again = await log.append(batch("a", base=7))

        assert (again.row, again.pages, again.repeated) == (first.row, first.pages, True)

    async def test_a_repeat_after_a_restart_gets_the_first_result(self, reopen: Reopen) -> None:
        """Command ids outlive the process."""
        first = await (await (await reopen()).log("order")).append(batch("a"))

        again = await (await (await reopen()).log("order")).append(batch("a"))

        assert (again.pages, again.repeated) == (first.pages, True)

    async def test_repeats_inside_one_group_are_stored_once(self, reopen: Reopen) -> None:
        """Two batches with one id that arrive together become one."""
        log = await (await reopen()).log("order")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(log.append(batch("a"))) for _ in range(8)]

        assert sorted(task.result().repeated for task in tasks) == [False] + [True] * 7
        assert (await log.head()).position == 1

    async def test_an_id_cannot_name_another_command(self, reopen: Reopen) -> None:
        """CommandIdReusedError: the id belongs to another root or type."""
        log = await (await reopen()).log("order")
        await log.append(batch("a"))

        for other in (batch("a", root=2), replace(batch("a"), type_url="other")):
            with pytest.raises(CommandIdReusedError):
                await log.append(other)

    async def test_a_stale_base_conflicts(self, reopen: Reopen) -> None:
        """ConflictError carries the given and the real next sequence; nothing is stored."""
        log = await (await reopen()).log("order")
        await log.append(batch("a", pages=3))

        with pytest.raises(ConflictError) as caught:
            await log.append(batch("b", base=1))

        assert (caught.value.expected, caught.value.actual) == (1, 3)
        assert (await log.head()).position == caught.value.actual

    async def test_members_of_a_group_see_each_other(self, reopen: Reopen) -> None:
        """Of many batches with one base exactly one is stored; the others conflict."""
        log = await (await reopen()).log("order")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_outcome(log.append(batch(f"c{i}")))) for i in range(8)]

        assert sorted(task.result() for task in tasks) == ["conflict"] * 7 + ["stored"]
        assert (await log.head()).position == 1

    async def test_n41_a_cancelled_append_leaves_nothing_open(self, reopen: Reopen) -> None:
        """Who stops waiting stops nothing: the next append goes on, and the id has one result."""
        log = await (await reopen()).log("order")
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                waiting = group.create_task(log.append(batch(f"c{number}", root=number)))
                following = group.create_task(log.append(batch(f"d{number}", root=9, base=number)))
                await log.head()
                waiting.cancel()
                await following
        rows = [(await log.append(batch(f"c{it}", root=it))).row for it in range(5)]
        page = await log.read_feed(after=0, limit=99, limit_bytes=MEBIBYTE)

        assert [event.position for event in page.events] == [*range(1, 11)]
        assert {row.first_position for row in rows} <= {event.position for event in page.events}

    async def test_a_rejection_is_remembered(self, reopen: Reopen) -> None:
        """A recorded rejection answers its id for ever and moves no position."""
        log = await (await reopen()).log("order")
        await log.append(rejection("a"))

        again = await log.append(batch("a"))

        assert (again.row.status, again.pages, again.repeated) == (b"\x08\x09", (), True)
        assert (await log.head()).position == 0

    async def test_an_unrecorded_result_leaves_no_trace(self, reopen: Reopen) -> None:
        """With recorded=False a rejection does not bind the id."""
        log = await (await reopen()).log("order")
        await log.append(replace(rejection("a"), recorded=False))

        appended = await log.append(batch("a"))

        assert not appended.repeated

    async def test_an_old_epoch_is_fenced(self, reopen: Reopen) -> None:
        """FencedError for new commands of the old owner; its known ids still answer."""
        store = await reopen()
        old = await store.log("order")
        first = await old.append(batch("a"))
        await store.log("order")

        with pytest.raises(FencedError):
            await old.append(batch("b", base=1))

        assert (await old.append(batch("a"))).pages == first.pages

    async def test_the_chain_is_what_the_rule_says(self, reopen: Reopen) -> None:
        """Each chain value is SHA-256 over the previous one and the digest of the event."""
        log = await (await reopen()).log("order")
        await log.append(batch("a", pages=2))
        feed = await log.read_feed(after=0, limit=10, limit_bytes=MEBIBYTE)

        chain = EMPTY_CHAIN
        for event in feed.events:
            place = (event.sequence, event.position)
            digest = event_digest("order", event.key, place, "a", event.page or b"")
            chain = next_chain(chain, digest)
            assert event.chain == chain

        assert feed.head.chain == chain


async def _outcome(append: object) -> str:
    try:
        await append  # type: ignore[misc]  # the coroutine of an append
    except ConflictError:
        return "conflict"
    return "stored"
