"""Bus over NATS JetStream: a stream per domain, a consumer per subscriber of it."""

from typing_extensions import override

from angzarr_bus import Bus, BusConfig, Frame, Inbox, Publishing
from angzarr_bus_nats._connection import Connection
from angzarr_bus_nats._inbox import NatsInbox
from angzarr_bus_nats._outbox import Outbox
from angzarr_bus_nats._place import Place
from angzarr_ports import System


class NatsBus(Bus):
    """Goes on without a server and with the next one; what it loses, subscribers read."""

    def __init__(self, place: Place, system: System) -> None:
        publishing = Publishing("nats", system)
        self._system = system
        self._connection = Connection(place, system, publishing)
        self._outbox = Outbox(self._connection, place.replicas, system, publishing)
        self._inboxes: list[NatsInbox] = []

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "NatsBus":
        bus = cls(Place.of(config), system)
        try:
            await bus._connection.open()
        except BaseException:
            await bus.aclose()
            raise
        return bus

    @override
    def publish(self, frame: Frame) -> None:
        self._outbox.offer(frame)

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        inbox = NatsInbox(domain, subscriber, limit_frames, self._connection, self._system)
        self._inboxes.append(inbox)
        await inbox.open()
        return inbox

    @override
    async def aclose(self) -> None:
        await self._connection.aclose()
        for inbox in self._inboxes:
            await inbox.aclose()
        self._inboxes.clear()
        await self._outbox.aclose()
