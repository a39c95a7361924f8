"""Logic of the systems under fault, as a script: grpcio and the protos, nothing of our client.

Usage: components.py {aggregate|saga|projector}. Every call of a subscriber's logic is written to
the file that JOURNAL names, before it is answered.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    ContextualCommand,
    EventBook,
    Projection,
    SagaExecuteRequest,
    SagaResponse,
)

SUBSCRIBERS = {"saga": "saga-order-stock", "projector": "projector-order"}


async def decide(request: ContextualCommand, context: Any) -> BusinessResponse:
    """Store what the command says, as often as its first word tells."""
    command = request.command.pages[0].command
    word = StringValue.FromString(command.value).value.partition(" ")[0]
    if word == "refuse":
        await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the rule says no")
    response = BusinessResponse()
    for at in range({"nothing": 0, "pair": 2}.get(word, 1)):
        page = response.events.pages.add(num=request.events.next_sequence + at)
        page.event.CopyFrom(command)
    return response


async def react(request: SagaExecuteRequest, _context: Any) -> SagaResponse:
    """Lead every event to one command for the same root of the stock."""
    book = request.source
    note("saga", book)
    text = StringValue.FromString(book.pages[0].event.value).value
    command = StringValue(value=f"stock {text}")
    return SagaResponse(commands=[CommandBook.to("stock", book.cover.root.value, command)])


async def project(book: EventBook, _context: Any) -> Projection:
    """Keep the newest event."""
    note("projector", book)
    return Projection(projection=book.pages[0].event)


METHODS: dict[str, tuple[str, Any, Callable[..., Any]]] = {
    "aggregate": ("Aggregate/Handle", ContextualCommand, decide),
    "saga": ("Saga/Execute", SagaExecuteRequest, react),
    "projector": ("Projector/Handle", EventBook, project),
}


def note(kind: str, book: EventBook) -> None:
    """Append one call to the journal, whole, so that a kill tears nothing."""
    place = (book.cover.domain, book.cover.root.value.hex(), str(book.pages[0].num))
    line = " ".join((str(time.monotonic_ns()), SUBSCRIBERS[kind], *place)) + "\n"
    descriptor = os.open(os.environ["JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


class Service(grpc.GenericRpcHandler):
    """The one method of a kind; everything else is unimplemented."""

    def __init__(self, kind: str) -> None:
        self._name, self._request, self._answer = METHODS[kind]

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        if handler_call_details.method != f"/angzarr.{self._name}":
            return None
        return grpc.unary_unary_rpc_method_handler(
            self._answer, self._request.FromString, lambda reply: reply.SerializeToString()
        )


async def serve(kind: str) -> None:
    """Serve until killed."""
    name = {"aggregate": "business", "saga": "saga", "projector": "projector"}[kind]
    variable = {"aggregate": "DOMAIN", "saga": "SAGA_NAME", "projector": "PROJECTOR_NAME"}[kind]
    path = Path(os.environ["UDS_BASE_PATH"]) / f"{name}-{os.environ[variable]}.sock"
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((Service(kind),))
    server.add_insecure_port(f"unix:{path}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
