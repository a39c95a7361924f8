"""A router as a process of its own."""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from angzarr_client._projector import ProjectorRouter
from angzarr_client._upcast import UpcastRouter
from angzarr_link import serve_linked
from angzarr_ports import System
from angzarr_service import CallLimits, Server, ServerConfig, run_process
from angzarr_settings import LimitSettings, LogicSettings, load_logic
from angzarr_telemetry import Readiness, log_to_stdout

HISTORY_BYTES = 64 * 1024 * 1024
LONGEST_SECONDS = 300.0
DRAIN_SECONDS = 20.0


class Router(Protocol):
    """What can be served: it has a method per RPC of its service."""

    @property
    def kind(self) -> str:
        """Return the kind of component."""

    @property
    def name(self) -> str:
        """Return the component's name."""

    @property
    def service(self) -> str:
        """Return the full name of the gRPC service."""


def serve(
    router: Router, *, port: int, lifespan: AbstractAsyncContextManager[object] | None = None
) -> None:
    """Serve a router until SIGTERM, then let the calls in flight end.

    It listens where TRANSPORT_TYPE, PORT and UDS_BASE_PATH say, else on `port`. `lifespan` is
    entered before the first call and left after the last. The process ends with exit code 78 when
    the environment is wrong.
    """

    async def start(settings: LogicSettings, system: System, stop: asyncio.Event) -> None:
        log_to_stdout(settings.log, component=router.name, kind=router.kind)
        async with lifespan or nullcontext():
            await serve_logic(router, settings.listen, system, stop)

    run_process(lambda: load_logic(router.kind, router.name, port=port), start)


async def serve_logic(router: Router, address: str, system: System, stop: asyncio.Event) -> None:
    """Serve a router at unix:PATH or HOST:PORT until `stop`, then let the calls in flight end.

    Raises:
        RefusedError: somebody else listens at the address.
        TypeError: an upcaster leaves out a version.
    """
    if isinstance(router, UpcastRouter):
        router.check()
    limits = CallLimits(
        message_bytes=HISTORY_BYTES,
        longest_seconds=LONGEST_SECONDS,
        usual_seconds=LONGEST_SECONDS,
        load=LimitSettings(message_parts=HISTORY_BYTES),
    )
    server = Server(ServerConfig(address=address, limits=limits), system)
    services = router.services if isinstance(router, ProjectorRouter) else [router.service]
    served = dict.fromkeys(services, router)
    serve_linked(server, system, served, limit_calls=limits.load.calls)
    async with server.serving(drain_seconds=DRAIN_SECONDS):
        await Readiness(server.ready, system).started()
        await stop.wait()
