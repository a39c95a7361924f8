"""A raw gRPC server that answers every call with its own bytes, until its input ends."""

import argparse
import asyncio
import sys

import grpc

SERVICE, METHOD = "raw.Echo", "Call"


async def echo(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    """Answer with what was sent."""
    del context
    return request


async def serve(address: str) -> None:
    """Serve on an address until standard input ends, so that no orphan stays."""
    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(echo)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),)
    )
    server.add_insecure_port(address)
    await server.start()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


def main() -> None:
    """Serve on the address that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    asyncio.run(serve(parser.parse_args().address))


if __name__ == "__main__":
    main()
