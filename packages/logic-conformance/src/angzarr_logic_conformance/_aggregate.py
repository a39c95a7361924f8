"""Foreign aggregates and foreign clients (contract.md §5)."""

import re
from typing import Any

import grpc
import pytest
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs

from angzarr_logic_conformance._contract import Contract, refused
from angzarr_logic_conformance._fixtures import Serve
from angzarr_logic_conformance._reference import message_class
from angzarr_logic_conformance._system import ROOT, Around, command

HANDLE = "AggregateCoordinator/Handle"
EventBook = message_class("EventBook")


class AggregateContract(Contract):
    """How an aggregate in any language may behave."""

    async def test_logic_may_count_the_pages_it_got(self, around: Around, serve: Serve) -> None:
        """It is shown all of them from 0, so its count is the next number."""
        await around.start("aggregate", "order", await serve("counts"))
        for sequence, word in ((0, "a"), (1, "twice"), (3, "b")):
            await around.say(word, sequence=sequence)

        assert await around.words("order") == ["a", "twice", "twice", "b"]
        assert [page.num for page in await around.pages("order")] == [0, 1, 2, 3]

    async def test_wrong_numbers_are_refused(self, around: Around, serve: Serve) -> None:
        """The text says what was expected; nothing is stored."""
        await around.start("aggregate", "order", await serve("gaps"))

        text = "Business reply of order is invalid: page 0 has sequence 7, expected 0"
        assert await refused(around.say("a")) == ("INTERNAL", text, "LOGIC_REPLY_INVALID")
        assert await around.words("order") == []

    async def test_wrong_numbers_are_assigned(self, around: Around, serve: Serve) -> None:
        """With `numbering: assign` the order of the pages counts alone."""
        logic = await serve("gaps")
        await around.start("aggregate", "order", logic, "--component.numbering=assign")

        await around.say("twice")

        assert [page.num for page in await around.pages("order")] == [0, 1]

    async def test_what_logic_leaves_out_is_filled_in(self, around: Around, serve: Serve) -> None:
        """Number, time, and the whole cover of a page that has `force` alone."""
        await around.start("aggregate", "order", await serve("forces"))

        events = (await around.say("twice", correlation_id="flow")).events

        assert [page.num for page in events.pages] == [0, 1]
        assert all(page.created_at.seconds for page in events.pages)
        cover = events.cover
        assert (cover.domain, cover.root.value, cover.edition.name) == ("order", ROOT, "angzarr")
        assert cover.correlation_id == "flow"

    async def test_an_answer_without_a_result_is_no_event(
        self, around: Around, serve: Serve
    ) -> None:
        """The command is accepted and nothing is appended."""
        await around.start("aggregate", "order", await serve("counts"))

        assert list((await around.say("nothing")).events.pages) == []

    async def test_a_payload_may_be_anything(self, around: Around, serve: Serve) -> None:
        """It is stored and forwarded byte for byte."""
        await around.start("aggregate", "order", await serve("opaque"))
        await around.say("a")

        (page,) = await around.pages("order")
        assert (page.event.type_url, page.event.value) == ("example/json", b'{"a": 1}')

    @pytest.mark.parametrize("exposes", [False, True])
    async def test_an_exception_of_logic_passes(
        self, around: Around, serve: Serve, *, exposes: bool
    ) -> None:
        """Its code does; its words only with `expose_logic_errors`."""
        flag = f"--component.expose_logic_errors={str(exposes).lower()}"
        await around.start("aggregate", "order", await serve("crashes"), flag)

        code, text, reason = await refused(around.say("a"))

        assert (code, reason) == ("UNKNOWN", "LOGIC_FAILED")
        hidden = re.fullmatch(r"Business logic failed \(incident [0-9a-f]+\)", text)
        assert text == "secret" if exposes else hidden

    @pytest.mark.parametrize(
        ("behaviour", "how", "healthy"),
        [
            ("counts", "auto", True),
            ("counts-healthy", "auto", True),
            ("counts-bare-health", "auto", True),
            ("counts", "connect", True),
            ("counts-healthy", "grpc", True),
            ("counts", "grpc", False),
        ],
    )
    async def test_health_is_what_logic_has_of_it(
        self, around: Around, serve: Serve, behaviour: str, how: str, *, healthy: bool
    ) -> None:
        """The name "" is asked; where nobody knows it, an accepted connection is enough."""
        flag = f"--component.logic_health={how}"
        await around.start("aggregate", "order", await serve(behaviour), flag)
        if healthy:
            await around.until(lambda: around.is_serving("order"))

        await around.say("a")

        assert await around.is_serving("order") is healthy


class ClientContract(Contract):
    """What a client of the reference protocol may expect; the logic is whoever's `serve` brings."""

    async def test_without_an_id_the_sequence_protects(self, around: Around, serve: Serve) -> None:
        """The same command again is refused, because the root has moved on."""
        await around.start("aggregate", "order", await serve("counts"))
        await around.say("a")

        text = "Sequence mismatch: command expects 0, aggregate at 1"
        assert await refused(around.say("a")) == ("ABORTED", text, "SEQUENCE_MISMATCH")
        assert await around.words("order") == ["a"]

    @pytest.mark.parametrize("derives", [True, False])
    async def test_a_correlation_id_is_derived(
        self, around: Around, serve: Serve, *, derives: bool
    ) -> None:
        """From the command's bytes; `derive_correlation: false` leaves it empty."""
        flag = f"--component.derive_correlation={str(derives).lower()}"
        await around.start("aggregate", "order", await serve("counts"), flag)

        cover = (await around.say("a")).events.cover

        assert bool(cover.correlation_id) is derives

    async def test_the_pages_of_a_book_are_its_next_sequence(
        self, around: Around, serve: Serve
    ) -> None:
        """Every page from 0, never a snapshot."""
        await around.start("aggregate", "order", await serve("counts"))
        for word in ("a", "twice", "b"):
            count = len(await around.pages("order"))
            await around.say(word, sequence=count)

        assert await around.words("order") == ["a", "twice", "twice", "b"]

    async def test_details_that_are_read_wrongly_do_no_harm(
        self, around: Around, serve: Serve
    ) -> None:
        """Whoever takes them for a bare EventBook gets none with pages, and reads the root."""
        await around.start("aggregate", "order", await serve("counts"))
        await around.say("a")

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await around.say("b")
        details = dict(caught.value.trailing_metadata() or ())["grpc-status-details-bin"]

        assert Status.FromString(details).message == caught.value.details()
        assert _pages(details) == []
        await around.say("b", sequence=len(await around.pages("order")))

    async def test_a_foreign_coordinator_may_send_an_origin(
        self, around: Around, serve: Serve
    ) -> None:
        """Its command is appended at the true end, whatever its sequence says."""
        await around.start("aggregate", "order", await serve("counts"))
        await around.say("a")
        book = command("b")
        book.saga_origin.saga_name = "elsewhere"

        await around.call("order", HANDLE, book)

        assert await around.words("order") == ["a", "b"]


def _pages(data: bytes) -> list[Any]:
    try:
        return list(EventBook.FromString(data).pages)
    except DecodeError:
        return []
