"""A wrapper for tests: a bus as bad as the contract allows."""

from dataclasses import dataclass

from typing_extensions import override

from angzarr_bus import Bus, BusConfig, Frame, Inbox
from angzarr_bus_channel._bus import ChannelBus
from angzarr_ports import Randomness, System


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """How often, from 0 to 1, a frame is dropped, repeated or held back behind the next one."""

    drop: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0


class LossyBus(Bus):
    """Drops, repeats and reorders the frames of another bus; never corrupts one."""

    def __init__(self, inner: Bus, losses: Losses, randomness: Randomness) -> None:
        self._inner = inner
        self._losses = losses
        self._randomness = randomness
        self._held: list[Frame] = []

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "LossyBus":
        usual = Losses(drop=0.2, repeat=0.2, reorder=0.2)
        return cls(await ChannelBus.open(config, system), usual, system.randomness)

    @override
    def publish(self, frame: Frame) -> None:
        if self._happens(self._losses.drop):
            return
        if self._happens(self._losses.reorder):
            self._held.append(frame)
            return
        self._inner.publish(frame)
        if self._happens(self._losses.repeat):
            self._inner.publish(frame)
        while self._held:
            self._inner.publish(self._held.pop())

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        return await self._inner.subscribe(domain, subscriber, limit_frames=limit_frames)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()

    def _happens(self, share: float) -> bool:
        return self._randomness.uniform(0, 1) < share
