"""What the gateway may say after an attempt whose outcome nobody knows (reliability.md §2.4)."""

from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandBook, CommandResponse
from angzarr_admission import Admission
from angzarr_gateway._commands import Commands
from angzarr_gateway._events import Events
from angzarr_ports import real_system
from angzarr_service import Call, CallError, Channels, RequestError
from angzarr_service._status import status_of

LOST = RequestError("UPSTREAM_UNAVAILABLE", "gone", outcome="unknown")


class Lossy:
    """An upstream that fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked: list[bytes] = []

    def owner(self, domain: str) -> str:
        """Return who owns the domain."""
        return domain

    async def call(self, _domain: str, _method: Any, book: CommandBook, **_: Any) -> Any:
        """Fail, or accept when nothing is left to fail with."""
        self.asked.append(book.SerializeToString())
        if self.failures:
            raise self.failures.pop(0)
        return CommandResponse(position=1)


def answered(reason: str) -> CallError:
    """Return what a coordinator answers."""
    status = status_of(RequestError(reason, "no"))
    return CallError(status, status.SerializeToString(), reached=True)


async def execute(upstream: Any, *, key: str = "c-1") -> CommandResponse:
    """Execute one command."""
    system = real_system(lambda *_: None)
    admission = Admission(command_bytes=10_000, passed_on=False)
    events = Events(address="", channels=Channels(), idle_seconds=0)
    commands = Commands(upstream, admission, events, system)
    call = Call(deadline=system.clock.monotonic() + 10, idempotency_key=key)
    return await commands.Execute(CommandBook.to("order", bytes(16), StringValue()), call)


@pytest.mark.parametrize("reason", ["OVERLOADED", "NOT_READY", "INTERNAL", "FENCED", "CONFLICT"])
async def test_a_later_attempt_that_did_nothing_settles_nothing(reason: str) -> None:
    """The first one may have been stored, so that the answer is unknown."""
    upstream = Lossy(LOST, answered(reason))

    with pytest.raises(RequestError) as caught:
        await execute(upstream)

    assert (caught.value.reason, caught.value.metadata["outcome"]) == ("OUTCOME_UNKNOWN", "unknown")
    assert len(set(upstream.asked)) == 1


@pytest.mark.parametrize("reason", ["SEQUENCE_MISMATCH", "COMMAND_REVOKED"])
async def test_a_final_answer_settles_the_command(reason: str) -> None:
    """The coordinator looked for the id before it said so."""
    with pytest.raises(CallError) as caught:
        await execute(Lossy(LOST, answered(reason)))

    assert caught.value.peer_reason == reason


async def test_what_did_nothing_before_anything_was_lost_passes() -> None:
    """A first answer is the coordinator's own, unchanged."""
    with pytest.raises(CallError) as caught:
        await execute(Lossy(answered("OVERLOADED")))

    assert caught.value.peer_reason == "OVERLOADED"


async def test_an_idempotency_key_is_an_id() -> None:
    """A lost answer is asked for again with the same bytes; without a key it is not."""
    named, unnamed = Lossy(LOST), Lossy(LOST)

    response = await execute(named)
    with pytest.raises(RequestError):
        await execute(unnamed, key="")

    assert response.position == 1
    assert [len(named.asked), len(set(named.asked)), len(unnamed.asked)] == [2, 1, 1]
