"""Revoked commands that are run again because an operator asked (contract.md §4.14)."""

import asyncio
from contextlib import suppress

from angzarr import replay_command_id
from angzarr.types_pb2 import CommandBook, RpcStatus
from angzarr_coordinator_aggregate._order import Order
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_coordinator_aggregate._revoked import Revoked
from angzarr_ports import System
from angzarr_service import Call, CallError, RequestError, encoded_status
from angzarr_store import Letter, StoreError, StoreUnavailableError

UNAVAILABLE = 14


class Replays:
    """Runs revoked commands again, without sequence check, under an id of the replay."""

    def __init__(
        self, revoked: Revoked, pipeline: Pipeline, system: System, *, limit_seconds: float
    ) -> None:
        self._revoked = revoked
        self._pipeline = pipeline
        self._system = system
        self._limit_seconds = limit_seconds
        self._running: set[str] = set()

    async def recover(self) -> None:
        """Go on with what was asked for before a restart."""
        for letter in await self._revoked.owed():
            await self.resume(letter)

    async def resume(self, asked: Letter) -> None:
        """Try a letter again that an operator has decided on; it goes on if the caller leaves."""
        if asked.id not in self._running:
            self._running.add(asked.id)
            running = self._system.tasks.start(f"replay {asked.id}", self._replay(asked))
            await asyncio.shield(running)

    async def _replay(self, asked: Letter) -> None:
        """Try a letter; one whose result cannot be stored is owed until the next start."""
        try:
            with suppress(StoreUnavailableError):
                letter = await self._revoked.claimed(asked)
                if letter is not None:
                    await self._run(letter)
        finally:
            self._running.discard(asked.id)

    async def _run(self, letter: Letter) -> None:
        """Run one replay; the id is that of its number, so that a crash repeats nothing."""
        failure, reason = None, ""
        try:
            await self._pipeline.run(self._order(letter))
        except (CallError, RequestError) as error:
            failure = RpcStatus.FromString(encoded_status(error))
            reason = error.peer_reason if isinstance(error, CallError) else error.reason
        except StoreError as error:
            failure, reason = RpcStatus(code=UNAVAILABLE, message=str(error)), "STORE_WRITE_FAILED"
        await self._revoked.settle(letter, failure, reason or letter.reason)

    def _order(self, letter: Letter) -> Order:
        book = CommandBook.FromString(letter.payload)
        book.command_id = replay_command_id(letter.command_id, letter.attempts)
        deadline = self._system.clock.monotonic() + self._limit_seconds
        return Order(
            book=book,
            key=letter.key,
            is_named=True,
            expected=None,
            call=Call(deadline=deadline, idempotency_key=""),
            clock=self._system.clock,
            is_replay=True,
        )
