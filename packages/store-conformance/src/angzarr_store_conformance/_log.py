"""Contract tests of the log."""

import asyncio
from dataclasses import replace

import pytest

from angzarr_store import (
    EMPTY_CHAIN,
    CommandIdReusedError,
    ConflictError,
    FencedError,
    LogMismatchError,
    PositionPastHeadError,
    RefusedError,
    event_digest,
    next_chain,
    with_position,
)
from angzarr_store_conformance._contract import Contract, Reopen, batch, rejection, root_key

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


class ReadContract(Contract):
    """What the reads return."""

    async def test_recall_knows_the_result_and_the_next_sequence(self, reopen: Reopen) -> None:
        """One read answers both questions that come before an answer that stores nothing."""
        log = await (await reopen()).log("order")
        first = await log.append(batch("a", pages=2))

        found, following = await log.recall("a", root_key(1))
        missing, _ = await log.recall("b", root_key(1))

        assert found is not None
        assert (found.row, found.pages, following, missing) == (first.row, first.pages, 2, None)

    async def test_a_root_is_read_by_sequence_both_ends_inclusive(self, reopen: Reopen) -> None:
        """read_root returns first..last, ascending, and nothing for an unknown root."""
        log = await (await reopen()).log("order")
        await log.append(batch("a", pages=5))

        part = await log.read_root(root_key(1), first=1, last=3, limit_bytes=None)

        assert [event.sequence for event in part] == [1, 2, 3]
        assert await log.read_root(root_key(9), limit_bytes=None) == []

    async def test_a_feed_page_holds_whole_appends(self, reopen: Reopen) -> None:
        """A limit inside an append moves to the end of the append before it."""
        log = await (await reopen()).log("order")
        await log.append(batch("a", root=1, pages=2))
        await log.append(batch("b", root=2, pages=3))

        page = await log.read_feed(after=0, limit=4, limit_bytes=MEBIBYTE)

        assert [event.position for event in page.events] == [1, 2]

    async def test_a_feed_page_never_exceeds_its_limit(self, reopen: Reopen) -> None:
        """With appends of one event, exactly `limit` events come, wherever the page starts."""
        log = await (await reopen()).log("order")
        for base in range(5):
            await log.append(batch(f"c{base}", base=base))

        pages = [
            await log.read_feed(after=after, limit=2, limit_bytes=MEBIBYTE) for after in (0, 2, 4)
        ]

        found = [[event.position for event in page.events] for page in pages]
        assert found == [[1, 2], [3, 4], [5]]

    async def test_an_append_longer_than_the_limit_comes_whole(self, reopen: Reopen) -> None:
        """At least one append is returned, whatever the limits."""
        log = await (await reopen()).log("order")
        await log.append(batch("a", pages=5))

        page = await log.read_feed(after=0, limit=1, limit_bytes=1)

        assert [event.position for event in page.events] == [1, 2, 3, 4, 5]

    async def test_the_feed_is_empty_at_the_head(self, reopen: Reopen) -> None:
        """Reading after the head returns nothing and the head."""
        log = await (await reopen()).log("order")
        await log.append(batch("a"))

        page = await log.read_feed(after=1, limit=10, limit_bytes=MEBIBYTE)

        assert (page.events, page.head.position) == ((), 1)

    async def test_a_position_past_the_head_is_refused(self, reopen: Reopen) -> None:
        """PositionPastHeadError: the reader knows more than the log."""
        log = await (await reopen()).log("order")

        with pytest.raises(PositionPastHeadError):
            await log.read_feed(after=1, limit=10, limit_bytes=MEBIBYTE)

    async def test_a_different_chain_is_refused(self, reopen: Reopen) -> None:
        """LogMismatchError when the reader saw another log; the right chain is accepted."""
        log = await (await reopen()).log("order")
        await log.append(batch("a"))
        chain = (await log.head()).chain

        with pytest.raises(LogMismatchError):
            await log.read_feed(after=1, limit=1, limit_bytes=1, after_chain=b"x" * 32)

        page = await log.read_feed(after=1, limit=1, limit_bytes=1, after_chain=chain)

        assert page.events == ()

    async def test_a_correlation_is_read_in_position_order(self, reopen: Reopen) -> None:
        """read_correlation returns the events of one workflow over all roots."""
        log = await (await reopen()).log("order")
        for id_, root in (("a", 2), ("b", 1), ("c", 3)):
            await log.append(replace(batch(id_, root=root), correlation_id="flow"))
        await log.append(batch("d", root=4))

        limits = {"limit": 10, "limit_bytes": MEBIBYTE}
        events = await log.read_correlation("flow", "angzarr", after=0, **limits)
        others = await log.read_correlation("flow", "else", after=0, **limits)

        assert ([event.position for event in events], others) == ([1, 2, 3], [])

    async def test_n42_a_read_is_bounded_by_count_and_bytes(self, reopen: Reopen) -> None:
        """What fits, at least one event, and the next read goes on behind it."""
        log = await (await reopen()).log("order")
        await log.append(replace(batch("a", pages=5), correlation_id="flow"))
        root, flow = root_key(1), ("flow", "angzarr")
        two = sum(len(it.page or b"") for it in await log.read_root(root, last=1, limit_bytes=None))

        reads = [
            await log.read_root(root, limit_bytes=two),
            await log.read_root(root, first=2, limit_bytes=0),
            await log.read_root(root, first=3, last=3, limit_bytes=two),
            await log.read_correlation(*flow, after=0, limit=9, limit_bytes=two),
            await log.read_correlation(*flow, after=2, limit=9, limit_bytes=0),
            await log.read_correlation(*flow, after=1, limit=3, limit_bytes=MEBIBYTE),
        ]

        found = [[event.sequence for event in events] for events in reads]
        assert found == [[0, 1], [2], [3], [0, 1], [2], [1, 2, 3]]

    async def test_roots_come_once_by_first_position(self, reopen: Reopen) -> None:
        """read_roots yields each root of main once, in order of its first event."""
        log = await (await reopen()).log("order")
        for id_, root, base in (("a", 3, 0), ("b", 1, 0), ("c", 3, 1), ("d", 2, 0)):
            await log.append(batch(id_, root=root, base=base))

        roots = [root async for root in log.read_roots()]

        assert roots == [root_key(number).root for number in (3, 1, 2)]

    async def test_domains_of_one_store_are_apart(self, reopen: Reopen) -> None:
        """A second domain in the same database has its own positions and command ids."""
        store = await reopen()
        first, second = await store.log("order"), await store.log("invoice")
        await first.append(batch("a"))

        appended = await second.append(batch("a"))

        assert (appended.row.first_position, appended.repeated) == (1, False)


async def _outcome(append: object) -> str:
    try:
        await append  # type: ignore[misc]  # the coroutine of an append
    except ConflictError:
        return "conflict"
    return "stored"
