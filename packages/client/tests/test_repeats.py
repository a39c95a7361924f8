"""A client repeats what it does not know, under the same id."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.gateway_pb2_grpc import (
    CommandGatewayServicer,
    add_CommandGatewayServicer_to_server,
)
from angzarr.types_pb2 import CommandBook, CommandResponse, SyncCommandBook, SyncMode
from angzarr_client import Client, CommandError
from angzarr_trust import Plaintext


class Gateway(CommandGatewayServicer):  # type: ignore[misc]  # an untyped base of generated code
    """Answers with the next code; without one it accepts."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.ids: list[str] = []
        self.modes: list[int] = []

    async def Execute(self, request: CommandBook, context: Any) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Answer one command."""
        self.ids.append(request.command_id)
        if self.codes:
            code = self.codes.pop(0)
            await context.abort(grpc.StatusCode[code], code)
        return CommandResponse(position=len(self.ids))

    async def ExecuteSync(self, request: SyncCommandBook, context: Any) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Answer one command as Execute does."""
        self.modes.append(request.sync_mode)
        return await self.Execute(request.command, context)


async def sent(
    sockets: Path, gateway: Gateway, mode: SyncMode.ValueType = SyncMode.SYNC_MODE_NONE
) -> CommandResponse:
    """Send one command to a gateway of the test."""
    server = grpc.aio.server()
    add_CommandGatewayServicer_to_server(gateway, server)
    server.add_insecure_port(f"unix:{sockets / 'g.sock'}")
    await server.start()
    try:
        async with Client(f"unix:{sockets / 'g.sock'}") as client:
            book = CommandBook.to("order", bytes(16), StringValue())
            return await client.send(book, sync_mode=mode, timeout_seconds=10)
    finally:
        await server.stop(None)


@pytest.mark.parametrize("code", ["CANCELLED", "UNAVAILABLE", "DEADLINE_EXCEEDED"])
async def test_an_unknown_outcome_is_asked_for_again(sockets: Path, code: str) -> None:
    """The same id until it is known what became of the command."""
    gateway = Gateway(code, code)

    response = await sent(sockets, gateway)

    assert (response.position, len(set(gateway.ids))) == (3, 1)


async def test_an_answer_of_logic_is_final(sockets: Path) -> None:
    """A refusal is not asked for again."""
    gateway = Gateway("FAILED_PRECONDITION")

    with pytest.raises(CommandError) as found:
        await sent(sockets, gateway)

    assert (found.value.is_unknown, len(gateway.ids)) == (False, 1)


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        (SyncMode.SYNC_MODE_NONE, []),
        (SyncMode.SYNC_MODE_SIMPLE, [1, 1]),
        (SyncMode.SYNC_MODE_CASCADE, [2, 2]),
    ],
)
async def test_a_mode_is_asked_for_with_every_attempt(
    sockets: Path, mode: SyncMode.ValueType, asked: list[int]
) -> None:
    """NONE is Execute; the others go with the same id to ExecuteSync."""
    gateway = Gateway("UNAVAILABLE")

    response = await sent(sockets, gateway, mode)

    assert gateway.modes == asked
    assert (response.position, len(set(gateway.ids))) == (2, 1)


async def test_a_gateway_beyond_this_machine_needs_trust() -> None:
    """Without it nothing is sent in the clear; with it the call is made as it says."""
    gateway, server = Gateway(), grpc.aio.server()
    add_CommandGatewayServicer_to_server(gateway, server)
    address = f"127.0.0.2:{server.add_insecure_port('127.0.0.2:0')}"
    await server.start()
    book = CommandBook.to("order", bytes(16), StringValue())

    async with Client(address) as client:
        with pytest.raises(CommandError, match=r"TLS is needed; set tls\.certificate"):
            await client.send(book, timeout_seconds=0.1)
    async with Client(address, trust=Plaintext(is_insecure=True)) as client:
        response = await client.send(book, timeout_seconds=10)
    await server.stop(None)

    assert (response.position, len(gateway.ids)) == (1, 1)
