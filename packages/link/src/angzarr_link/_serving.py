"""The service that a link is: one stream, its calls answered as if each came alone."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from angzarr.link_pb2 import LinkCalls, LinkHello, LinkReplies
from angzarr_link._gathering import FRAME_BYTES
from angzarr_link._link import PROTOCOL
from angzarr_link._places import PLACES, Place
from angzarr_link._session import Session, Work
from angzarr_ports import System
from angzarr_service import Call, Server


class ServedLink:
    """angzarr.LogicLink or angzarr.CoordinatorLink."""

    def __init__(
        self,
        works: Mapping[str, tuple[Place, Work]],
        server: Server,
        system: System,
        hello: LinkHello,
    ) -> None:
        self._works = works
        self._server = server
        self._system = system
        self._hello = hello

    async def Open(  # noqa: N802 - the name on the wire
        self, frames: AsyncIterator[LinkCalls], call: Call
    ) -> AsyncGenerator[LinkReplies, None]:
        """Say hello, then answer calls until the peer leaves or the server drains."""
        call.stay_open()
        session = Session(
            self._works,
            self._server.handlers,
            self._system.tasks,
            caller=call,
            limit_calls=self._hello.max_in_flight,
        )
        call.leave = session.leave
        reading = self._system.tasks.start("link reader", session.read(frames))
        try:
            yield LinkReplies(hello=self._hello)
            while (frame := await session.frame()) is not None:
                yield frame
        finally:
            reading.cancel()
            session.close()


def serve_linked(
    server: Server, system: System, implementations: Mapping[str, object], *, limit_calls: int
) -> None:
    """Let `server` answer calls of some services, whether they come alone or within a link.

    Shape: `implementations` by the full name of their service, all of logic or all of a
    coordinator. Units: `limit_calls` is how many calls of one stream may be unanswered.
    Rule: contract.md §4.15.
    """
    for service, implementation in implementations.items():
        server.add(service, implementation)
    works = {
        place.call: (place, work)
        for place in PLACES
        if (work := place.work(implementations)) is not None
    }
    if works:
        hello = LinkHello(protocol=PROTOCOL, max_in_flight=limit_calls, max_frame_bytes=FRAME_BYTES)
        service = next(place.link.service for place, _ in works.values())
        server.add(service, ServedLink(works, server, system, hello))
