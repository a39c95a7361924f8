"""Lanes: the events of a root one after the other, all roots at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from angzarr.types_pb2 import CommandBook, EventBook
from angzarr_reader import ViolationError
from angzarr_store import Backlog, Letter, Reaction, ReactionState, RootKey
from angzarr_telemetry import ORDER_VIOLATION

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An event that waits for its turn; one that is done waits because a reaction is due.

    One with a `letter` is tried again, once, because an operator asked or nothing holds it.
    """

    position: int
    key: RootKey
    book: EventBook
    is_done: bool = False
    letter: Letter | None = None

    @staticmethod
    def of_letter(letter: Letter) -> "Pending":
        """Return the event of a letter from its original bytes."""
        book = EventBook.FromString(letter.event or letter.payload)
        return Pending(position=letter.position, key=letter.key, book=book, letter=letter)

    @staticmethod
    def left_behind(backlog: Backlog) -> "Iterator[Pending]":
        """Yield the events of which a reaction is due, as they are when they are done.

        One that is parked waits for whoever replays or discards its letter.
        """
        parked = {it.position for it in backlog.letters if it.is_open}
        due = {it.position: it for it in backlog.reactions if it.state is ReactionState.DUE}
        for position, reaction in sorted(due.items()):
            if position not in parked:
                yield Pending._of(reaction)

    @staticmethod
    def _of(reaction: Reaction) -> "Pending":
        """Return the event that a reaction came from, without its payload."""
        origin = CommandBook.FromString(reaction.command).saga_origin
        cover = origin.triggering_aggregate
        book = EventBook(cover=cover)
        book.pages.add(num=origin.triggering_event_sequence, position=reaction.position)
        key = RootKey(edition=cover.edition_name, root=cover.root.value)
        return Pending(position=reaction.position, key=key, book=book, is_done=True)

    @property
    def unfinished(self) -> int | None:
        """Return the position that is done with it, None if it was before."""
        return None if self.is_done or self.letter is not None else self.position

    @property
    def sequence(self) -> int:
        """Return its place in the history of its root."""
        return self.book.pages[0].num


class Lanes:
    """One queue of work per root; its task lives as long as it has work."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._queues: dict[RootKey, deque[Work]] = {}
        self._last: dict[RootKey, int] = {}

    def __contains__(self, key: RootKey) -> bool:
        """Say whether anything is queued for a root."""
        return key in self._queues

    def put(self, key: RootKey, work: Work, sequence: int | None = None) -> None:
        """Queue work behind what is queued for its root.

        Raises:
            ViolationError: `sequence`, that of its event, is not behind those of the queue.
        """
        if sequence is not None:
            if sequence <= self._last.get(key, -1):
                why = f"sequence {sequence} of {key.root.hex()} came too late"
                raise ViolationError(ORDER_VIOLATION, why)
            self._last[key] = sequence
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(work)
            return
        self._queues[key] = deque([work])
        self._group.create_task(self._run(key), name=f"lane {key.root.hex()}")

    async def _run(self, key: RootKey) -> None:
        queue = self._queues[key]
        while queue:
            await queue[0]()
            queue.popleft()
        del self._queues[key]
        self._last.pop(key, None)
