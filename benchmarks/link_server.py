"""Logic that only echoes, called alone or within a link, beside a raw stream that does so too."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator

import grpc

from angzarr.types_pb2 import BusinessResponse, ContextualCommand
from angzarr_link import serve_linked
from angzarr_ports import real_system
from angzarr_service import Call, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings

SERVICE, METHOD = "raw.Echo", "Stream"
MEBIBYTE = 1024 * 1024
LIMITS = CallLimits(
    message_bytes=4 * MEBIBYTE, longest_seconds=60, usual_seconds=60, load=LimitSettings()
)


class Echo:
    """angzarr.Aggregate."""

    async def Handle(self, request: ContextualCommand, call: Call) -> BusinessResponse:  # noqa: N802 - the name on the wire
        """Answer with what was shown."""
        del call
        return BusinessResponse(events=request.events)


async def echo(
    requests: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[bytes, bytes]"
) -> AsyncIterator[bytes]:
    """Answer each message with itself."""
    del context
    async for request in requests:
        yield request


async def serve(address: str, raw: str) -> None:
    """Serve on two addresses until standard input ends, so that no orphan stays."""
    system = real_system(lambda name, error: sys.exit(f"{name}: {error}"))
    server = Server(ServerConfig(address=address, limits=LIMITS), system)
    calls = LIMITS.load.calls
    serve_linked(server, system, {"angzarr.Aggregate": Echo()}, limit_calls=calls)
    stream = await _raw(raw)
    async with server.serving(drain_seconds=0):
        await server.ready(serving=True)
        await asyncio.to_thread(sys.stdin.read)
    await stream.stop(None)


async def _raw(address: str) -> grpc.aio.Server:
    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_stream_rpc_method_handler(echo)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),)
    )
    server.add_insecure_port(address)
    await server.start()
    return server


def main() -> None:
    """Serve on the addresses that are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("raw")
    given = parser.parse_args()
    asyncio.run(serve(given.address, given.raw))


if __name__ == "__main__":
    main()
