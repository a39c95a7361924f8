"""Foreign sagas, projectors and process managers (contract.md §5)."""

import asyncio
import json

import pytest

from angzarr import process_root
from angzarr.progress_pb2 import AwaitRequest, AwaitResponse
from angzarr.progress_pb2_grpc import ProgressStub
from angzarr_logic_conformance._behaviours import text_of
from angzarr_logic_conformance._contract import Contract
from angzarr_logic_conformance._fixtures import Serve
from angzarr_logic_conformance._reference import message_class
from angzarr_logic_conformance._system import OTHER, ROOT, Around
from angzarr_store import RefusedError

ORDER = f"--component.inputs={json.dumps(['order'])}"
FLOW = "flow"
Query = message_class("Query")


async def given(around: Around, serve: Serve, kind: str, behaviour: str, *flags: str) -> None:
    """Start two aggregates and a subscriber of a kind with a behaviour."""
    for domain in ("order", "stock"):
        await around.start("aggregate", domain, await serve("counts"))
    await around.start(kind, "foreign", await serve(behaviour), *flags)


async def awaited(around: Around, position: int) -> AwaitResponse:
    """Return what became of an append of "order" at the subscriber."""
    await around.until(lambda: around.is_serving("foreign"))
    request = AwaitRequest(component="foreign", domain="order", position=position)
    response: AwaitResponse = await around.stub("foreign", ProgressStub).Await(request, timeout=10)
    return response


class SagaContract(Contract):
    """How a saga in any language may behave."""

    @pytest.mark.parametrize("behaviour", ["copies", "copies-hanging", "copies-prepared"])
    async def test_a_descriptor_is_not_needed(
        self, around: Around, serve: Serve, behaviour: str
    ) -> None:
        """One that fails or hangs is ignored; what is configured counts. Prepare is optional."""
        await given(around, serve, "saga", behaviour, ORDER)
        await around.say("go")
        await awaited(around, 1)

        assert await around.words("stock") == ["go"]

    async def test_without_inputs_it_refuses_to_start(self, around: Around, serve: Serve) -> None:
        """Neither configuration nor descriptor names one, and it says so."""
        logic = await serve("copies")

        with pytest.raises(RefusedError, match=r"inputs.*names none"):
            await around.serve("saga", "foreign", logic, asyncio.Event())

    async def test_a_descriptor_without_types_means_all(self, around: Around, serve: Serve) -> None:
        """Every event of the domain is shown."""
        await given(around, serve, "saga", "copies-described")
        await around.say("go")
        await awaited(around, 1)

        assert await around.words("stock") == ["go"]

    async def test_what_it_says_of_itself_is_replaced(self, around: Around, serve: Serve) -> None:
        """The edition is the source's, not the one it names; a correlation id of its own stays."""
        await given(around, serve, "saga", "copies", ORDER)
        await around.say("go", correlation_id=FLOW)
        await awaited(around, 1)

        query = Query()
        query.cover.domain, query.cover.correlation_id = "stock", "mine"
        book = await around.call("stock", "EventQuery/GetEventBook", query)
        assert [text_of(page.event) for page in book.pages] == ["go"]
        assert book.cover.edition.name == "angzarr"

    async def test_its_commands_need_no_sequence(self, around: Around, serve: Serve) -> None:
        """0 is as good as any: they are appended at the true end."""
        await given(around, serve, "saga", "copies", ORDER)
        await around.say("a")
        await around.say("b", sequence=1)
        await awaited(around, 2)

        assert await around.words("stock") == ["a", "b"]

    async def test_it_is_shown_each_event_alone_and_once(
        self, around: Around, serve: Serve
    ) -> None:
        """One that acts on every page of its book acts once on each."""
        await given(around, serve, "saga", "copies", ORDER)
        await around.say("twice")
        await awaited(around, 2)

        assert await around.words("stock") == ["twice"] * 4

    @pytest.mark.parametrize("kept", ["park", "drop"])
    async def test_events_that_it_returns_are_no_events(
        self, around: Around, serve: Serve, kept: str
    ) -> None:
        """They park the event, or are dropped as in the reference."""
        flag = f"--component.saga_events={kept}"
        await given(around, serve, "saga", "events", ORDER, flag)
        await around.say("go")
        await awaited(around, 1)

        parked = [it.reason for it in await around.letters()]
        assert parked == ["SAGA_EVENTS_UNSUPPORTED"] * (kept == "park")
        assert await around.words("stock") == ["go"] * (kept == "drop")

    async def test_its_exceptions_are_tried_again_and_parked(
        self, around: Around, serve: Serve
    ) -> None:
        """UNKNOWN says nothing of the event, so there is another attempt before the letter."""
        await given(around, serve, "saga", "crashes", ORDER)
        await around.say("go")
        await awaited(around, 1)

        (letter,) = await around.letters()
        assert (letter.reason, letter.attempts) == ("LOGIC_FAILED", 2)

    async def test_a_repeated_delivery_is_answered_as_the_first(
        self, around: Around, serve: Serve
    ) -> None:
        """A target that would refuse a second time is not asked: the id is the same."""
        await around.start("aggregate", "order", await serve("counts"))
        await around.start("aggregate", "stock", await serve("once"))
        logic = await serve("copies")
        await around.start("saga", "foreign", logic, ORDER)
        await around.say("go")
        await awaited(around, 1)

        await around.stop("foreign")
        await around.start("saga", "foreign", logic, ORDER)
        await awaited(around, 1)

        assert await around.words("stock") == ["go"]
        assert await around.words("order") == ["go"]
        assert await around.letters() == []

    @pytest.mark.parametrize(("match", "shown"), [("boundary", []), ("suffix", ["go"])])
    async def test_a_type_may_be_the_ending_of_a_name(
        self, around: Around, serve: Serve, match: str, shown: list[str]
    ) -> None:
        """Only where that is allowed: Created is not OrderCreated else."""
        inputs = [{"domain": "order", "types": ["Value"]}]
        flags = (f"--component.inputs={json.dumps(inputs)}", f"--component.type_match={match}")
        await given(around, serve, "saga", "copies", *flags)
        await around.say("go")
        await awaited(around, 1)

        assert await around.words("stock") == shown


class ProjectorContract(Contract):
    """How a projector in any language may behave."""

    @pytest.mark.parametrize(
        ("behaviour", "service"),
        [
            ("shows", "auto"),
            ("shows-synced", "auto"),
            ("shows", "projector"),
            ("shows-synced", "coordinator"),
        ],
    )
    async def test_it_serves_one_of_two_services(
        self, around: Around, serve: Serve, behaviour: str, service: str
    ) -> None:
        """Which one is found out, or stated; what it leaves empty is filled in."""
        flag = f"--component.projector_service={service}"
        await given(around, serve, "projector", behaviour, ORDER, flag)
        await around.say("a")

        projection = (await awaited(around, 1)).projection

        assert text_of(projection.projection) == "a"
        assert (projection.projector, projection.cover.root.value) == ("foreign", ROOT)

    @pytest.mark.parametrize(
        ("behaviour", "service"), [("shows", "coordinator"), ("shows-synced", "projector")]
    )
    async def test_the_other_service_is_not_tried(
        self, around: Around, serve: Serve, behaviour: str, service: str
    ) -> None:
        """What is stated is not served: nothing counts as handled, and it is not ready."""
        flag = f"--component.projector_service={service}"
        await given(around, serve, "projector", behaviour, ORDER, flag)
        await around.until(lambda: around.is_serving("foreign"))
        await around.say("a")

        await around.until(lambda: _is_not_serving(around))

        assert await around.letters() == []

    async def test_its_failures_stop_their_root_only(self, around: Around, serve: Serve) -> None:
        """The root parks; nobody else waits."""
        await given(around, serve, "projector", "shows-none", ORDER)
        await around.say("bad")
        await around.say("behind", sequence=1)
        await around.say("good", root=OTHER)

        found = await awaited(around, 3)

        assert text_of(found.projection.projection) == "good"
        assert [it.reason for it in await around.letters()] == [
            "LOGIC_FAILED",
            "BEHIND_DEAD_LETTER",
        ]


class ProcessManagerContract(Contract):
    """How a process manager in any language may behave."""

    async def test_it_may_read_the_past_in_its_trigger(self, around: Around, serve: Serve) -> None:
        """With `trigger: history`; its root is that of the correlation id, whatever it names."""
        flag = "--component.trigger=history"
        await given(around, serve, "process_manager", "remembers", ORDER, flag)
        await around.say("a", correlation_id=FLOW)
        await around.say("b", sequence=1, correlation_id=FLOW)
        await awaited(around, 2)

        words = await around.words("foreign", root=process_root(FLOW).bytes)

        assert words == ["a", "a+b"]

    async def test_it_may_have_no_timers(self, around: Around, serve: Serve) -> None:
        """Those that are configured fire in its own stream."""
        timeouts = {"pay": {"after": 0.2, "until": []}}
        flag = f"--component.timeouts={json.dumps(timeouts)}"
        await given(around, serve, "process_manager", "remembers", ORDER, flag)
        await around.say("a", correlation_id=FLOW)

        async def types() -> list[str]:
            pages = await around.pages("foreign", root=process_root(FLOW).bytes)
            return [page.event.type_url.rpartition(".")[2] for page in pages]

        async def has_fired() -> bool:
            return "ProcessTimeout" in await types()

        await around.until(has_fired)
        assert (await types())[0] == "StringValue"


async def _is_not_serving(around: Around) -> bool:
    return not await around.is_serving("foreign")
