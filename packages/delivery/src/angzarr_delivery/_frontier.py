"""Which events are done, and how far the checkpoint may move (reliability.md U9)."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from angzarr.types_pb2 import EventBook
from angzarr_reader import Delta, ViolationError
from angzarr_store import Advance
from angzarr_telemetry import DUPLICATE_EFFECT, GAP_APPLIED


@dataclass(slots=True)
class _Open:
    last: int
    chain: bytes
    remaining: int
    created: float


class Frontier:
    """The appends between the checkpoint and the tip.

    The checkpoint moves only to the end of an append whose events, and all before, are done.
    """

    def __init__(self, position: int, chain: bytes, applied: frozenset[int]) -> None:
        self.tip = position
        self.tip_chain = chain
        self.stored = position
        self._applied = applied
        self._open: deque[_Open] = deque()
        self._owner: dict[int, _Open] = {}

    @property
    def span(self) -> int:
        """Return how many positions lie between the checkpoint and the tip."""
        return self.tip - self.stored

    @property
    def oldest(self) -> float:
        """Return when the oldest event that is not applied was created, 0 without one."""
        return self._open[0].created if self._open else 0.0

    def admit(self, delta: Delta) -> Iterator[tuple[int, EventBook]]:
        """Take the next append; yield its events that were not done before a restart.

        Raises:
            ViolationError: it is not the next one.
        """
        if delta.first != self.tip + 1:
            metric = GAP_APPLIED if delta.first > self.tip else DUPLICATE_EFFECT
            raise ViolationError(metric, f"position {delta.first} came after {self.tip}")
        created = max((it.created_at.seconds for it in delta.book.pages[:1]), default=0)
        opened = _Open(delta.last, delta.chain, len(delta.book.pages), created)
        self._open.append(opened)
        self.tip, self.tip_chain = delta.last, delta.chain
        for position, book in delta.events():
            self._owner[position] = opened
            if position in self._applied:
                self.finish(position)
            else:
                yield position, book

    def finish(self, position: int) -> None:
        """Note that an event is done.

        Raises:
            ViolationError: it was done before.
        """
        opened = self._owner.pop(position, None)
        if opened is None:
            raise ViolationError(DUPLICATE_EFFECT, f"position {position} was done before")
        opened.remaining -= 1

    def advance(self) -> Advance | None:
        """Return the furthest move of the checkpoint that is allowed, and take it as made."""
        end = None
        while self._open and not self._open[0].remaining:
            end = self._open.popleft()
        if end is None:
            return None
        move = Advance(old=self.stored, new=end.last, chain=end.chain)
        self.stored = end.last
        return move
