"""A router behind a server, and a client in front of a gateway."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from angzarr import rpc
from angzarr.feed_pb2 import FeedBatch, FeedRequest
from angzarr.types_pb2 import (
    CommandBook,
    CommandResponse,
    ContextualCommand,
    EventBook,
    GetDescriptorRequest,
    Query,
)
from angzarr_client import Client, CommandError
from angzarr_ports import SystemRandomness, real_system
from angzarr_service import (
    Call,
    CallError,
    CallLimits,
    Channels,
    Fault,
    RequestError,
    Server,
    ServerConfig,
)

PROGRAM = """
from google.protobuf.wrappers_pb2 import Int64Value, StringValue
from angzarr_client import CommandRejectedError, CommandRouter, StateRouter, TryAgainError, serve

fold = StateRouter(Int64Value)
router = CommandRouter("counter", fold)

@router.on
def add(command: StringValue, state: Int64Value) -> Int64Value:
    if command.value == "no":
        raise CommandRejectedError("It said no")
    if command.value == "later":
        raise TryAgainError("Transport not booked yet")
    if command.value == "bug":
        raise KeyError("a secret")
    return Int64Value(value=1)

serve(router, port=0)
"""


@pytest.fixture
async def logic(sockets: Path) -> AsyncIterator[str]:
    """Serve the program as a process on a Unix socket; it must end with exit code 0."""
    environment = {
        "PATH": os.defpath,
        "TRANSPORT_TYPE": "uds",
        "UDS_BASE_PATH": str(sockets),
        "SERVICE_NAME": "business",
        "DOMAIN": "counter",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    yield f"unix:{sockets}/business-counter.sock"
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        assert await process.wait() == 0


async def until_served(channels: Channels, address: str) -> Any:
    """Return the descriptor as soon as somebody answers."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await channels.call(
                    address,
                    rpc.Aggregate.GetDescriptor,
                    GetDescriptorRequest(),
                    timeout_seconds=1,
                )
            except CallError:
                continue


async def test_a_process_serves_its_router(logic: str) -> None:
    """Its descriptor, an answer, and the three kinds of failure with their codes and texts."""
    channels = Channels()
    descriptor = await until_served(channels, logic)

    async def ask(word: str) -> Any:
        book = CommandBook.to("counter", bytes(16), StringValue(value=word))
        request = ContextualCommand(command=book)
        return await channels.call(logic, rpc.Aggregate.Handle, request, timeout_seconds=5)

    assert descriptor.name == "counter"
    assert len((await ask("1")).events.pages) == 1
    for word, code, text in (
        ("no", 9, "It said no"),
        ("later", 14, "Transport not booked yet"),
        ("bug", 13, "Internal error (incident "),
    ):
        with pytest.raises(CallError) as caught:
            await ask(word)
        assert caught.value.status.code == code
        assert caught.value.status.message.startswith(text)
        assert caught.value.fault is Fault.NONE
        assert "secret" not in caught.value.status.message
    await channels.aclose()


class Gateway:
    """Fails as told before it answers."""

    def __init__(self) -> None:
        self.failures: list[RequestError] = []
        self.ids: list[str] = []

    async def Execute(self, book: CommandBook, _: Call) -> CommandResponse:  # noqa: N802 - on the wire
        """Answer with one page."""
        self.ids.append(book.command_id)
        if self.failures:
            raise self.failures.pop()
        response = CommandResponse(position=7)
        response.events.record(Int64Value(value=1))
        return response

    async def GetEventBook(self, query: Query, _: Call) -> EventBook:  # noqa: N802 - on the wire
        """Answer with the cover."""
        return EventBook(cover=query.cover, next_sequence=3)

    async def GetEvents(self, query: Query, _: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - on the wire
        """Answer with two books."""
        yield EventBook(cover=query.cover)
        yield EventBook(cover=query.cover)

    async def Read(self, request: FeedRequest, _: Call) -> AsyncIterator[FeedBatch]:  # noqa: N802 - on the wire
        """Answer with one batch."""
        yield FeedBatch(after_position=request.after_position)


@pytest.fixture
async def gateway(sockets: Path) -> AsyncIterator[tuple[Gateway, str]]:
    """Serve a gateway."""
    died: list[BaseException] = []
    system = real_system(lambda _, error: died.append(error))
    limits = CallLimits(message_bytes=1 << 20, longest_seconds=30, usual_seconds=30)
    config = ServerConfig(address=f"unix:{sockets}/g.sock", limits=limits)
    server, made = Server(config, system), Gateway()
    for service in ("CommandGateway", "EventQuery", "EventFeed"):
        server.add(f"angzarr.{service}", made)
    yield made, await server.start()
    await server.aclose(drain_seconds=0)
    assert not died


async def test_a_command_is_repeated_under_its_id(gateway: tuple[Gateway, str]) -> None:
    """While the gateway is unavailable the same id is sent again, and then answered."""
    made, address = gateway
    made.failures = [RequestError("FENCED", "x"), RequestError("OUTCOME_UNKNOWN", "y")]
    async with Client(address) as client:
        book = CommandBook.to("counter", bytes(16), StringValue())

        response = await client.send(book)

    assert response.position == 7
    assert made.ids == [book.command_id] * 3
    assert book.command_id


async def test_a_refusal_is_final(gateway: tuple[Gateway, str]) -> None:
    """It is raised at once, with code, reason and text, and nothing is unknown."""
    made, address = gateway
    made.failures = [RequestError("SEQUENCE_MISMATCH", "Sequence mismatch")]
    async with Client(address) as client:
        with pytest.raises(CommandError, match="Sequence mismatch") as caught:
            await client.send(CommandBook.to("counter", bytes(16), StringValue()))

    error = caught.value
    assert (error.code, error.reason, error.is_unknown) == (10, "SEQUENCE_MISMATCH", False)
    assert len(made.ids) == 1


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("OVERLOADED", 8),
        ("STORE_READ_FAILED", 13),
        ("UNKNOWN_DOMAIN", 5),
        ("SEQUENCE_MISMATCH", 10),
        ("COMMAND_REVOKED", 9),
    ],
)
async def test_what_settles_nothing_leaves_it_unknown(
    gateway: tuple[Gateway, str], reason: str, code: int
) -> None:
    """After an attempt that may have acted only an answer that is final says that it did not."""
    made, address = gateway
    unknown = RequestError("OUTCOME_UNKNOWN", "who knows", outcome="unknown")
    made.failures = [RequestError(reason, "no"), unknown]
    async with Client(address) as client:
        with pytest.raises(CommandError) as caught:
            await client.send(CommandBook.to("counter", bytes(16), StringValue()))

    assert caught.value.code == code
    assert caught.value.is_unknown is (reason not in {"SEQUENCE_MISMATCH", "COMMAND_REVOKED"})
    assert len(made.ids) == 2


async def test_the_pauses_of_a_client_are_chance(gateway: tuple[Gateway, str]) -> None:
    """Each is between half and all of a length that doubles: clients do not march in step."""
    made, address = gateway
    asked: list[tuple[float, float]] = []

    class Chance(SystemRandomness):
        def uniform(self, low: float, high: float) -> float:
            asked.append((low, high))
            return 0.0

    made.failures = [RequestError("FENCED", "x")] * 7
    async with Client(address, randomness=Chance()) as client:
        await client.send(CommandBook.to("counter", bytes(16), StringValue()))

    highs = [high for _, high in asked]
    assert highs == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert [low for low, _ in asked] == [high / 2 for high in highs]


async def test_an_unknown_outcome_is_said_to_be_unknown(gateway: tuple[Gateway, str]) -> None:
    """One attempt that may have acted makes the whole command unknown when the time is over."""
    made, address = gateway
    unknown = RequestError("OUTCOME_UNKNOWN", "who knows", outcome="unknown")
    made.failures = [*[RequestError("FENCED", "x")] * 50, unknown]
    async with Client(address) as client:
        with pytest.raises(CommandError) as caught:
            await client.send(
                CommandBook.to("counter", bytes(16), StringValue()), timeout_seconds=0.4
            )

    assert caught.value.is_unknown
    assert caught.value.command_id == made.ids[0]


async def test_reads_go_through_the_gateway(gateway: tuple[Gateway, str]) -> None:
    """A book, several books, a feed."""
    _, address = gateway
    async with Client(address) as client:
        book = await client.book("counter", bytes(16))
        books = [it async for it in client.events(Query(cover=book.cover))]
        batches = [it async for it in client.feed("counter", after=4)]

    assert book.next_page_number == 3
    assert len(books) == 2
    assert [it.after_position for it in batches] == [4]
