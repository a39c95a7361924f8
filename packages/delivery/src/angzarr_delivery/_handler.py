"""What a subscriber does with one event, and how it says that it cannot."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from angzarr.types_pb2 import EventBook
from angzarr_store import Change, Lease, Reaction, RootKey

Commit = Callable[[Sequence[Change]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One event as a handler gets it.

    Shape: `book` is its cover and that one page; `attempt` counts from 1, a failure in the last
    parks the event; `reactions` are the commands that were recorded for it, `remember` takes more
    that the handler stored itself, under `lease`. One that `is_done` comes again for what is due;
    after a restart `book` then has no payload.
    """

    book: EventBook
    position: int
    key: RootKey
    sequence: int
    attempt: int
    is_last_attempt: bool
    is_done: bool
    reactions: tuple[Reaction, ...]
    lease: Lease
    remember: Callable[[Sequence[Reaction]], None]


class Handler(Protocol):
    """The effect of a subscriber."""

    async def apply(self, event: Occurrence, commit: Commit) -> Sequence[Change]:
        """Bring about the effect; return the changes to store together with its completion.

        `commit` stores changes durably before the effect is complete. The call is repeated after
        a failure or a crash, so every effect has an identity of its own. It is repeated as well,
        after the event is done, while a reaction to it is due.

        Raises:
            FailedError: this event failed.
            PauseError: no event can be handled now.
        """
