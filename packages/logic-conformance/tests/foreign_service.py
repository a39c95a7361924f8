"""A service as another language would bring it: the behaviour BEHAVIOUR at 127.0.0.1:PORT."""

import asyncio

import grpc

from angzarr_logic_conformance import Logic
from angzarr_settings import variable


async def main() -> None:
    """Serve until it is ended."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Logic(variable("BEHAVIOUR")),))
    server.add_insecure_port(f"127.0.0.1:{variable('PORT')}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
