"""What a router makes of its handlers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from angzarr.types_pb2 import (
    CommandBook,
    ContextualCommand,
    EventBook,
    RevocationResponse,
    RevokeEventCommand,
    SagaExecuteRequest,
    SagaPrepareRequest,
)
from angzarr_client import (
    CommandContext,
    CommandRejectedError,
    CommandRouter,
    EventContext,
    InvalidCommandError,
    LogicError,
    ProjectorRouter,
    SagaRouter,
    StateRouter,
    UndeclaredOutputError,
)
from angzarr_service import Call

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = UUID(bytes=bytes(range(16)))
CALL = Call(deadline=0, idempotency_key="")


def counter() -> CommandRouter:
    """Return an aggregate that adds numbers and says no to "no"."""
    fold = StateRouter(Int64Value)

    @fold.on
    def added(state: Int64Value, event: Int64Value) -> None:
        state.value += event.value

    router = CommandRouter("counter", fold)

    @router.on
    async def add(
        command: StringValue, state: Int64Value, context: CommandContext
    ) -> list[Message] | None:
        if command.value == "no":
            raise CommandRejectedError("It said no")
        if command.value == "nothing":
            return None
        assert context.sequence == state.value
        return [Int64Value(value=1) for _ in range(int(command.value))]

    @router.on_rejected(Duration)
    def refused(rejection: RevokeEventCommand, state: Int64Value) -> RevocationResponse:
        return RevocationResponse(abort=True, reason=f"{rejection.rejection_reason} {state.value}")

    return router


def request(command: Message, *events: Message) -> ContextualCommand:
    """Return a command against a history."""
    history = EventBook(next_sequence=0)
    history.cover.address("counter", ROOT)
    history.record(*events)
    book = CommandBook.to("counter", ROOT, command)
    book.cover.correlation_id = "c"
    return ContextualCommand(events=history, command=book)


async def test_events_are_numbered_timed_and_folded() -> None:
    """Pages continue the history, the cover is the command's, the state after them goes back."""
    asked = request(StringValue(value="2"), Int64Value(value=1))

    book = (await counter().decide(asked, NOW)).events

    state = Int64Value()
    assert [page.num for page in book.pages] == [1, 2]
    assert {page.created_at.ToDatetime(tzinfo=UTC) for page in book.pages} == {NOW}
    assert book.cover == asked.command.cover
    assert book.snapshot_state.Unpack(state)
    assert state.value == 3


async def test_a_snapshot_replaces_what_it_holds() -> None:
    """Pages up to the snapshot are not applied again; without pages numbers go on behind it."""
    asked = request(StringValue(value="1"), Int64Value(value=1), Int64Value(value=1))
    asked.events.snapshot.sequence = 1
    asked.events.snapshot.state.Pack(Int64Value(value=2))

    book = (await counter().decide(asked, NOW)).events

    assert [page.num for page in book.pages] == [2]


async def test_nothing_is_an_answer() -> None:
    """A handler that returns None accepts without events and without a state."""
    answer = await counter().decide(request(StringValue(value="nothing")), NOW)

    assert answer.WhichOneof("result") == "events"
    assert not answer.events.pages
    assert not answer.events.HasField("snapshot_state")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda it: it.command.ClearField("pages"), "No command pages"),
        (lambda it: it.command.pages[0].command.Pack(Struct()), "Unknown command type: type.goog"),
        (lambda it: _garble(it.command.pages[0].command), "Malformed command: google.protobuf"),
    ],
)
async def test_what_cannot_be_read_is_refused(change: Any, text: str) -> None:
    """The three texts of examples.md A2."""
    asked = request(StringValue(value="1"))
    change(asked)

    with pytest.raises(InvalidCommandError, match=text):
        await counter().decide(asked, NOW)


def _garble(packed: AnyMessage) -> None:
    packed.value = b"\xff\xff"


async def test_types_match_with_any_prefix() -> None:
    """Only the name behind the last slash of a type URL counts."""
    asked = request(StringValue(value="1"))
    asked.command.pages[0].command.type_url = "elsewhere/x/google.protobuf.StringValue"

    assert len((await counter().decide(asked, NOW)).events.pages) == 1


@pytest.mark.parametrize("what", ["snapshot", "event"])
async def test_a_broken_history_is_an_error(what: str) -> None:
    """It is never taken for an empty state."""
    asked = request(StringValue(value="1"), Int64Value(value=1))
    if what == "snapshot":
        asked.events.snapshot.state.value = b"\xff"
    else:
        asked.events.pages[0].event.value = b"\xff"

    with pytest.raises(ValueError, match="Malformed"):
        await counter().decide(asked, NOW)


async def test_refusals_of_our_commands_come_back() -> None:
    """A listed type goes to its function, whatever prefix the two type URLs have."""
    refused = CommandBook.to("other", ROOT, Duration())
    refused.pages[0].command.type_url = "elsewhere/google.protobuf.Duration"
    asked = request(RevokeEventCommand(rejected_command=refused, rejection_reason="no stock"))
    for prefix in ("type.angzarr/", "type.googleapis.com/", ""):
        asked.command.pages[0].command.type_url = f"{prefix}angzarr.RevokeEventCommand"

        revocation = (await counter().decide(asked, NOW)).revocation

        assert (revocation.abort, revocation.reason) == (True, "no stock 0")


async def test_an_unlisted_refusal_is_left_to_the_coordinator() -> None:
    """UNIMPLEMENTED makes the fallback apply, and is remembered for no command id."""
    refused = CommandBook.to("other", ROOT, Struct())
    asked = request(RevokeEventCommand(rejected_command=refused, rejection_reason="no stock"))

    with pytest.raises(LogicError, match=r"^counter has no \.on_rejected\(Struct\)$") as caught:
        await counter().decide(asked, NOW)

    assert caught.value.as_call_error().status.is_unimplemented


async def test_a_broken_refusal_is_refused() -> None:
    """Bytes that are no RevokeEventCommand are an invalid command."""
    asked = request(RevokeEventCommand())
    asked.command.pages[0].command.value = b"\xff"

    with pytest.raises(InvalidCommandError, match=r"Malformed command: angzarr.RevokeEventCommand"):
        await counter().decide(asked, NOW)


def test_descriptors_follow_from_registrations() -> None:
    """Name, kind and types are declared once, by the handlers."""
    descriptor = counter().descriptor

    assert (descriptor.name, descriptor.component_type) == ("counter", "aggregate")
    assert list(descriptor.inputs[0].types) == ["google.protobuf.StringValue"]
    assert [it.domain for it in saga().descriptor.outputs] == ["log"]
    assert saga().descriptor.input_domains([]) == ["counter"]
    projector = ProjectorRouter("p", "a", "b", sync=False).descriptor
    assert (projector.input_domains([]), projector.asynchronous) == (["a", "b"], True)


def saga() -> SagaRouter:
    """Return a saga that logs numbers below its root, unless there is a log."""
    router = SagaRouter("saga-counter-log", source="counter").sends("log", StringValue)
    router.reads("log", lambda _event, context: [context.root])

    @router.on
    def added(event: Int64Value, context: EventContext) -> CommandBook | None:
        if context.book("log", context.root).pages:
            return None
        target = "elsewhere" if event.value == 13 else "log"
        return CommandBook.to(target, context.root, StringValue(value=str(event.value)))

    return router


def source(value: int) -> EventBook:
    """Return an event of the counter."""
    book = EventBook()
    book.cover.address("counter", ROOT, correlation="c-9")
    return book.record(Int64Value(value=value), StringValue(value="unrelated"))


async def test_a_saga_reads_and_sends() -> None:
    """Prepare names the roots, Execute gets their books; commands carry the correlation id."""
    prepared = await saga().Prepare(SagaPrepareRequest(source=source(1)), CALL)
    empty, full = (
        EventBook(cover=prepared.destinations[0]),
        EventBook(cover=prepared.destinations[0]).record(StringValue(value="1")),
    )

    sent = await saga().Execute(SagaExecuteRequest(source=source(1), destinations=[empty]), CALL)
    none = await saga().Execute(SagaExecuteRequest(source=source(1), destinations=[full]), CALL)

    assert [(it.domain, it.root.value) for it in prepared.destinations] == [("log", ROOT.bytes)]
    assert [it.cover.correlation_id for it in sent.commands] == ["c-9"]
    assert not none.commands


async def test_an_undeclared_output_is_refused() -> None:
    """The sentence names the saga, the type and what is missing."""
    text = r'saga-counter-log sent StringValue to elsewhere without \.sends\("elsewhere", String'
    empty = EventBook()
    empty.cover.address("log", ROOT)

    with pytest.raises(UndeclaredOutputError, match=text):
        await saga().decide(source(13), [empty])


async def test_a_projector_returns_its_last_result() -> None:
    """Component, cover and sequence are filled in; a handler may be asynchronous."""
    router = ProjectorRouter("p", "counter")

    async def project(event: Int64Value, context: EventContext) -> Int64Value | None:
        return Int64Value(value=event.value + context.sequence)

    router.on(Int64Value, project)

    projection = await router.project(source(5))

    result = Int64Value()
    assert (projection.projector, projection.sequence) == ("p", 0)
    assert projection.projection.Unpack(result)
    assert result.value == 5


def test_slips_of_the_author_are_sentences() -> None:
    """No annotation, a doubled type, another state: TypeError when the module is imported."""
    fold = StateRouter(Int64Value)
    router = CommandRouter("counter", fold)

    def bare(command, state):  # type: ignore[no-untyped-def]
        return command, state

    def wrong(command: StringValue, state: Value) -> None:
        del command, state

    def fine(command: StringValue, state: Int64Value) -> None:
        del command, state

    with pytest.raises(TypeError, match=r"bare\(\) in .*:\d+ needs a message type on its first"):
        router.on(bare)
    with pytest.raises(TypeError, match=r"takes the state Value; its fold has Int64Value"):
        router.on(wrong)
    router.on(fine)
    with pytest.raises(TypeError, match="already has a handler"):
        router.on(StringValue, fine)


def test_ids_of_a_context_are_the_same_on_every_repeat() -> None:
    """They depend on the place in the history and the number, and on nothing else."""
    context = CommandContext(
        domain="a", root=ROOT, edition="angzarr", correlation_id="c", sequence=1, now=NOW
    )

    assert context.uuid(1) == context.uuid(1) != context.uuid(2)
