"""Time: what o'clock it is, how long something took, and waiting."""

import asyncio
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime

from typing_extensions import override


class Clock(ABC):
    """The only source of time.

    Rule: reliability.md §8. Wall time is data; order, timeouts and leases never use it.
    """

    @abstractmethod
    def now(self) -> datetime:
        """Return the wall time, aware and in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Return seconds since an arbitrary instant; never goes back."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Return after at least `seconds`."""


class SystemClock(Clock):
    """The clock of this machine."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)

    @override
    def monotonic(self) -> float:
        return time.monotonic()

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
