"""A foreign coordinator whose answers are told in advance."""

import asyncio
from typing import Any

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from .foreign import CommandBook


class Upstream:
    """Answers each command with the next code and reason; without one it never answers."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, str]] = []
        self.asked: list[Any] = []

    async def handle(self, request: Any, context: Any) -> Any:
        """Answer one command."""
        self.asked.append(request)
        if not self.answers:
            await asyncio.Event().wait()
        name, reason = self.answers.pop(0)
        code, text = grpc.StatusCode[name], f"Coordinator says {name}"
        status = Status(code=code.value[0], message=text)
        if reason:
            status.details.add().Pack(ErrorInfo(reason=reason, domain="angzarr"))
        details = (("grpc-status-details-bin", status.SerializeToString()),) if reason else ()
        await context.abort(code, text, trailing_metadata=details)

    async def start(self, address: str) -> grpc.aio.Server:
        """Serve at an address."""
        method = grpc.unary_unary_rpc_method_handler(self.handle, CommandBook.FromString, bytes)
        service = grpc.method_handlers_generic_handler(
            "angzarr.AggregateCoordinator", {"Handle": method}
        )
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((service,))
        server.add_insecure_port(address)
        await server.start()
        return server
