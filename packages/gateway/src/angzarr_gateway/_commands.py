"""angzarr.CommandGateway: admit, route, pass on; repeat only what has an id of its sender."""

from collections.abc import AsyncGenerator
from typing import TypeVar

from angzarr import Method, rpc
from angzarr.types_pb2 import CommandBook, CommandResponse, EventBook, SyncCommandBook
from angzarr_admission import Admission
from angzarr_gateway._events import Events
from angzarr_gateway._upstream import Upstream
from angzarr_ports import System
from angzarr_service import Call, CallError, RequestError, refuse

RequestT = TypeVar("RequestT", CommandBook, SyncCommandBook)

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0


class Commands:
    """angzarr.CommandGateway."""

    def __init__(
        self, upstream: Upstream, admission: Admission, events: Events, system: System
    ) -> None:
        self._upstream = upstream
        self._admission = admission
        self._events = events
        self._system = system

    async def Execute(self, book: CommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Run one command at the coordinator of its domain."""
        self._admit(book, call)
        return await self._run(rpc.AggregateCoordinator.Handle, book, book, call)

    async def ExecuteSync(self, request: SyncCommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Run one command, and wait for what follows from it as the mode says."""
        refuse(request.fault())
        book = request.command
        self._admit(book, call)
        return await self._run(rpc.AggregateCoordinator.HandleSync, request, book, call)

    async def ExecuteStream(self, book: CommandBook, call: Call) -> AsyncGenerator[EventBook, None]:  # noqa: N802 - the name on the wire
        """Run one command; yield its events, then what follows of its workflow until it is idle."""
        self._admit(book, call)
        async with self._events.following(book.cover.correlation_id) as workflow:
            response = await self._run(rpc.AggregateCoordinator.Handle, book, book, call)
            call.settle()
            call.stay_open()
            yield response.events
            async for delta in workflow.after(response):
                yield delta
        call.end("x-angzarr-stream-end", "idle")

    def _admit(self, book: CommandBook, call: Call) -> None:
        self._admission.admit(book, call)
        self._system.faults.at("G1")
        book.ClearField("saga_origin")

    async def _run(
        self,
        method: Method[RequestT, CommandResponse],
        request: RequestT,
        book: CommandBook,
        call: Call,
    ) -> CommandResponse:
        """Send `request`, which holds `book`, as often as that is safe."""
        pause, unknown = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                return await self._once(method, request, book, call)
            except CallError as error:
                if unknown and not error.is_final:
                    raise RequestError.unknown(book.command_id) from error
                raise
            except RequestError as error:
                unknown = unknown or error.metadata.get("outcome") == "unknown"
                wait = self._system.randomness.uniform(pause / 2, pause)
                now = self._system.clock.monotonic()
                if not _may_repeat(error, book) or call.remaining(now) <= wait:
                    raise _final(error, unknown=unknown) from error
            if not unknown:
                call.settle()
            await self._system.clock.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _once(
        self,
        method: Method[RequestT, CommandResponse],
        request: RequestT,
        book: CommandBook,
        call: Call,
    ) -> CommandResponse:
        left = call.remaining(self._system.clock.monotonic())
        domain, root = book.cover.domain, book.cover.root.value
        self._upstream.owner(domain)
        call.act(book.command_id)
        self._system.faults.at("G2")
        response = await self._upstream.call(
            domain, method, request, timeout_seconds=left, root=root
        )
        self._system.faults.at("G3")
        return response


def _may_repeat(error: RequestError, book: CommandBook) -> bool:
    return error.reason == "UPSTREAM_UNAVAILABLE" and bool(book.command_id)


def _final(error: RequestError, *, unknown: bool) -> RequestError:
    """Return the last failure; one earlier attempt that may have acted makes all unknown."""
    if unknown:
        error.metadata["outcome"] = "unknown"
    return error
