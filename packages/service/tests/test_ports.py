"""What a process reaches the world through is opened as the settings say, or refused clearly."""

import pytest
from typing_extensions import override

from angzarr_bus import Bus, BusConfig, BusRefusedError, Frame, Inbox
from angzarr_ports import System
from angzarr_service._ports import opened_bus
from angzarr_settings import BusSettings, Settings
from angzarr_store import RefusedError


class Guarded(Bus):
    """A bus that refuses whatever login it is told."""

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "Guarded":
        raise BusRefusedError("bus.credentials", f"{config.credentials} at {config.url}", "ask")

    @override
    def publish(self, frame: Frame) -> None: ...

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        raise AssertionError

    @override
    async def aclose(self) -> None: ...


async def test_a_bus_that_refuses_its_settings_refuses_the_start(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told url and credentials, and the process ends as one whose settings are wrong."""
    monkeypatch.setattr("angzarr_service._ports.plugin", lambda *_: Guarded)
    settings = Settings(bus=BusSettings(kind="guarded", url="there", credentials="me"))

    with pytest.raises(RefusedError, match=r"bus\.credentials is me at there; ask"):
        async with opened_bus(settings, system):
            pass
