"""Stores what subscribers' lanes have achieved, many lanes in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from angzarr_delivery._frontier import Frontier
from angzarr_delivery._patience import patiently
from angzarr_delivery._policy import Stored
from angzarr_ports import System
from angzarr_store import Advance, Apply, Change, Lease, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    changes: Sequence[Change]
    done: int | None
    stored: asyncio.Future[None]


class Committer:
    """Groups requests: while one transaction runs, the next one gathers."""

    def __init__(
        self, ledger: Ledger, lease: Lease, frontier: Frontier, stored: Stored, system: System
    ) -> None:
        self._ledger = ledger
        self._lease = lease
        self._frontier = frontier
        self._stored = stored
        self._system = system
        self._waiting: list[_Request] = []
        self._asked = asyncio.Event()

    async def commit(self, changes: Sequence[Change], *, done: int | None = None) -> None:
        """Store `changes`, and that the event at `done` is done; durable on return."""
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(changes=changes, done=done, stored=stored))
        self._asked.set()
        await stored

    def flush(self) -> None:
        """Ask for the checkpoint to be moved over events that needed no change."""
        self._asked.set()

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            FencedError: another process has taken the subscription.
            UnknownOutcomeError, InvariantError: the lease must be taken again.
        """
        while True:
            await self._asked.wait()
            self._asked.clear()
            group, self._waiting = self._waiting, []
            if changes := self._changes(group):
                store = partial(self._ledger.commit, self._lease, changes)
                await patiently(store, self._system)
                self._stored(self._lease, changes)
                self._system.faults.at("Q6")
            for request in group:
                if not request.stored.done():
                    request.stored.set_result(None)

    def _changes(self, group: Sequence[_Request]) -> list[Change]:
        changes: list[Change] = [change for request in group for change in request.changes]
        done = [request.done for request in group if request.done is not None]
        for position in done:
            self._frontier.finish(position)
        move: Advance | None = self._frontier.advance()
        changes += [Apply(position=it) for it in done if it > self._frontier.stored]
        return [*changes, move] if move else changes
