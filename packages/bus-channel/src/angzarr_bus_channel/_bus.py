"""Bus inside one process: every component shares one instance."""

from typing_extensions import override

from angzarr_bus import Bus, BusConfig, Frame, Inbox, Publishing
from angzarr_bus_channel._inbox import ChannelInbox
from angzarr_ports import System


class ChannelBus(Bus):
    """The reference of the contract; frames are handed over, never copied."""

    def __init__(self, system: System) -> None:
        self._publishing = Publishing("channel", system)
        self._inboxes: dict[tuple[str, str], ChannelInbox] = {}

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "ChannelBus":
        return cls(system)

    @override
    def publish(self, frame: Frame) -> None:
        began = self._publishing.begin()
        for (domain, _), inbox in self._inboxes.items():
            if domain == frame.domain:
                inbox.offer(frame)
        self._publishing.end(frame.domain, began, lost=False)

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        inbox = ChannelInbox(limit_frames)
        self._inboxes[domain, subscriber] = inbox
        return inbox

    @override
    async def aclose(self) -> None:
        self._inboxes.clear()
