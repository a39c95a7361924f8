"""A case fails when it should, and says why."""

from collections.abc import Callable

import pytest
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from angzarr.types_pb2 import CommandBook, RevocationResponse, RevokeEventCommand
from angzarr_client import (
    CommandContext,
    CommandRejectedError,
    CommandRouter,
    EventContext,
    ProjectorRouter,
    SagaRouter,
    StateRouter,
)
from angzarr_testing import given

calls: list[str] = []


def counter(*, counts_calls: bool = False) -> CommandRouter:
    """Return an aggregate that adds; it can be made to remember its calls."""
    fold = StateRouter(Int64Value)

    @fold.on
    def added(state: Int64Value, event: Int64Value) -> None:
        state.value += event.value

    router = CommandRouter("counter", fold)

    @router.on
    def add(command: StringValue, state: Int64Value, context: CommandContext) -> Int64Value:
        if command.value == "no":
            raise CommandRejectedError(f"It said no at {state.value}")
        calls.append("call")
        return Int64Value(value=len(calls) if counts_calls else context.sequence)

    @router.on_rejected(Int64Value)
    def take_back(
        rejection: RevokeEventCommand, state: Int64Value
    ) -> Int64Value | RevocationResponse:
        if state.value:
            sent = f"{rejection.saga_name} after {rejection.triggering_event_sequence}"
            return RevocationResponse(escalate=True, reason=f"{sent}: {rejection.rejection_reason}")
        return Int64Value(value=-1)

    return router


def test_a_right_case_passes() -> None:
    """Events, state and refusals as they are."""
    given(counter(), Int64Value(value=5)).when(StringValue()).then(Int64Value(value=1)).then_state(
        Int64Value(value=6)
    )
    given(counter(), Int64Value(value=5)).when(StringValue(value="no")).then_rejected(
        "said no", contains=True
    )
    given(counter()).when_rejected(Int64Value(), "full").then(Int64Value(value=-1))
    revocation = RevocationResponse(escalate=True, reason="saga-a after 0: full")
    given(counter(), Int64Value(value=5)).when_rejected(
        Int64Value(), "full", saga="saga-a"
    ).then_revoked(revocation)
    given(counter()).when_rejected(StringValue(), "full").then_rejected(
        "counter has no .on_rejected(StringValue)"
    )


@pytest.mark.parametrize(
    "case",
    [
        lambda: given(counter()).when(StringValue()).then(Int64Value(value=9)),
        lambda: given(counter()).when(StringValue()).then_nothing(),
        lambda: given(counter()).when(StringValue()).then_rejected("no"),
        lambda: given(counter()).when(StringValue(value="no")).then(Int64Value()),
        lambda: given(counter()).when(StringValue(value="no")).then_rejected("other"),
        lambda: given(counter()).when(StringValue()).then_state(Int64Value(value=3)),
        lambda: given(counter()).when(StringValue()).then_revoked(RevocationResponse(abort=True)),
        lambda: given(saga()).when(Int64Value(value=1)).then_nothing(),
        lambda: given(projector()).when(Int64Value(value=1)).then_nothing(),
        lambda: given(projector()).when(Int64Value(value=1)).then_projects(StringValue()),
    ],
    ids=range(10),
)
def test_a_wrong_case_fails(case: Callable[[], object]) -> None:
    """Whatever differs is an AssertionError."""
    with pytest.raises(AssertionError):
        case()


def test_the_failure_shows_both_sides() -> None:
    """Expected and got, as JSON, with the mode."""
    with pytest.raises(AssertionError) as caught:
        given(counter()).when(StringValue()).then(Int64Value(value=9))

    text = str(caught.value)
    assert "events (plain)" in text
    assert 'expected:\n  Int64Value "9"\n  got:\n  Int64Value "0"' in text


def test_a_history_that_a_snapshot_changes_is_found() -> None:
    """Events that depend on more than the state differ behind a snapshot."""
    fold = StateRouter(Int64Value)
    applied: list[int] = []

    @fold.on
    def added(state: Int64Value, event: Int64Value) -> None:
        applied.append(event.value)
        state.value += event.value

    router = CommandRouter("counter", fold)

    @router.on
    def add(_command: StringValue, state: Int64Value) -> Int64Value:
        shown = Int64Value(value=state.value * len(applied))
        applied.clear()
        return shown

    with pytest.raises(AssertionError, match="snapshot at 0"):
        given(router, Int64Value(value=1), modes=("plain", "snapshot")).when(StringValue()).then(
            Int64Value(value=1)
        )


def test_a_handler_that_remembers_is_found() -> None:
    """Asked twice it must answer the same."""
    with pytest.raises(AssertionError, match="the second time"):
        given(counter(counts_calls=True)).when(StringValue())


def saga() -> SagaRouter:
    """Return a saga that logs every number."""
    router = SagaRouter("saga-counter-log", source="counter").sends("log", StringValue)

    @router.on
    def added(event: Int64Value, context: EventContext) -> CommandBook:
        return CommandBook.to("log", context.root, StringValue(value=str(event.value)))

    return router


def projector() -> ProjectorRouter:
    """Return a projector that shows every number."""
    router = ProjectorRouter("projector-counter", "counter")

    @router.on
    def added(event: Int64Value, _context: EventContext) -> StringValue:
        return StringValue(value=str(event.value))

    return router


def test_sagas_and_projectors_have_cases() -> None:
    """Commands are compared without what the framework fills in."""
    logged = CommandBook.to("log", bytes(range(16)), StringValue(value="1"))

    given(saga()).when(Int64Value(value=1)).then_sends(logged)
    given(saga()).when(StringValue()).then_nothing()
    given(projector()).when(Int64Value(value=1)).then_projects(StringValue(value="1"))
    given(projector()).when(StringValue()).then_nothing()


def test_a_rebuild_must_lead_to_the_same() -> None:
    """A read model that is not emptied, or counts what it is shown, is found."""
    totals = {"kept": 0, "emptied": 0}

    def adding(name: str) -> ProjectorRouter:
        router = ProjectorRouter("projector-counter", "counter")
        seen: set[int] = set()

        @router.on
        def added(event: Int64Value, context: EventContext) -> Int64Value:
            if context.sequence not in seen:
                totals[name] += event.value
            seen.add(context.sequence)
            return Int64Value(value=totals[name])

        @router.on_rebuild
        def empty() -> None:
            seen.clear()
            totals["emptied"] = 0

        return router

    given(adding("emptied")).when(Int64Value(value=2)).rebuild().then_projects(Int64Value(value=2))
    with pytest.raises(AssertionError, match="differs after a rebuild"):
        given(adding("kept")).when(Int64Value(value=2)).rebuild()
