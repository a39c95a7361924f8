"""Contract tests of reading a log."""

from dataclasses import replace

import pytest

from angzarr_store import (
    LogMismatchError,
    PositionPastHeadError,
)
from angzarr_store_conformance._contract import Contract, Reopen, batch, root_key

MEBIBYTE = 1024 * 1024


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

    @pytest.mark.parametrize(
        ("created_at", "first"),
        [("01", 0), ("02", 1), ("02.500000", 3), ("03", 3), ("04.999999", 3), ("05", None)],
    )
    async def test_a_root_is_known_up_to_its_first_later_event(
        self, reopen: Reopen, created_at: str, first: int | None
    ) -> None:
        """first_later compares times as they are stored; what follows a later event is later."""
        log = await (await reopen()).log("order")
        for base, second in enumerate(("02", "02.500000", "01", "05", "03")):
            made = batch(f"c{base}", base=base)
            await log.append(replace(made, created_at=f"2026-01-01T00:00:{second}+00:00"))
        await log.append(replace(batch("x", root=2), created_at="2025-01-01T00:00:00+00:00"))

        found = await log.first_later(root_key(1), f"2026-01-01T00:00:{created_at}+00:00")

        assert found == first
        assert await log.first_later(root_key(9), "2026-01-01T00:00:00+00:00") is None

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

    @pytest.mark.parametrize("flow", ["a\0b", "\0", "\x1a0\x1a\0\x1a1", "ä\n'\"\\ 🛒"])
    async def test_a_correlation_id_is_any_text(self, reopen: Reopen, flow: str) -> None:
        """It comes back to the letter, and finds its own events only."""
        log = await (await reopen()).log("order")
        await log.append(replace(batch("a"), correlation_id=flow))
        await log.append(replace(batch("b", root=2), correlation_id=flow.replace("\0", "0")))

        limits = {"limit": 10, "limit_bytes": MEBIBYTE}
        events = await log.read_correlation(flow, "angzarr", after=0, **limits)

        assert {event.correlation_id for event in events} == {flow}
        assert events[0].position == 1

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
