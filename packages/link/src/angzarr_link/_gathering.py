"""What waits to be sent: a frame takes whatever has gathered (contract.md §4.15)."""

import asyncio
from collections import deque
from typing import Generic, Protocol, TypeVar

FRAME_CALLS = 256
FRAME_BYTES = 1024 * 1024
OUTER_BYTES = 16


class Part(Protocol):
    """One call or reply."""

    @property
    def size_bytes(self) -> int:
        """Return how large it is in a frame."""


PartT = TypeVar("PartT", bound=Part)


class Gathering(Generic[PartT]):
    """Parts in the order in which they came, and whether there is anything else to say.

    `limit_bytes` is how large a frame may be; a part that is larger stands alone in its own.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes or FRAME_BYTES
        self._parts: deque[PartT] = deque()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Return how many parts wait."""
        return len(self._parts)

    def add(self, part: PartT) -> None:
        """Let a part go with the next frame that has room."""
        self._parts.append(part)
        self._news.set()

    def stir(self) -> None:
        """Wake who waits, although there is no part."""
        self._news.set()

    async def stirred(self) -> None:
        """Return when there is a part, or a reason to look."""
        await self._news.wait()
        self._news.clear()

    def take(self) -> list[PartT]:
        """Return the parts of the next frame; what is left over stirs again."""
        taken, size = list[PartT](), 0
        while self._parts and len(taken) < FRAME_CALLS:
            size += self._parts[0].size_bytes
            if taken and size > self.limit_bytes:
                break
            taken.append(self._parts.popleft())
        if self._parts:
            self._news.set()
        return taken
