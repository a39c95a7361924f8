"""Commands that logic revoked and sent to the dead letters (contract.md §4.1 step 11)."""

from dataclasses import replace

from angzarr.types_pb2 import RpcStatus
from angzarr_coordinator_aggregate._order import Order
from angzarr_ports import Clock
from angzarr_service import RequestError, encoded_status
from angzarr_store import Ledger, Letter, LetterKind, LetterQuery, LetterState

AT_ONCE = 500


class Revoked:
    """Keeps the bytes of revoked commands; such a letter blocks nothing."""

    def __init__(self, component: str, ledger: Ledger, clock: Clock) -> None:
        self._component = component
        self._ledger = ledger
        self._clock = clock

    async def park(self, order: Order, error: RequestError) -> None:
        """Keep the command before its sender hears of it; one that is kept stays as it is.

        Raises:
            StoreUnavailableError: it is not kept.
        """
        domain = order.book.cover.domain
        id_ = f"{self._component}:{domain}:{order.command_id}"
        if await self._ledger.letter(id_) is not None:
            return
        now = self._clock.now().isoformat(timespec="microseconds")
        letter = Letter(
            id=id_,
            subscriber=self._component,
            domain=domain,
            position=0,
            sequence=order.book.pages[0].sequence,
            key=order.key,
            kind=LetterKind.COMMAND,
            state=LetterState.PARKED,
            cover=order.book.cover.SerializeToString(),
            payload=order.book.SerializeToString(),
            command_id=order.command_id,
            status=encoded_status(error),
            reason=error.reason,
            attempts=1,
            parked_at=now,
            attempted_at=now,
        )
        await self._ledger.file_letter(letter)

    async def owed(self) -> list[Letter]:
        """Return those that an operator wanted tried again before a restart."""
        wanted = LetterQuery(states=frozenset({LetterState.REPLAY}), subscriber=self._component)
        return [it.letter for it in await self._ledger.letters(wanted, limit=AT_ONCE)]

    async def claimed(self, asked: Letter) -> Letter | None:
        """Return the whole letter if it is to be tried again, else None."""
        filed = await self._ledger.letter(asked.id)
        return filed.letter if filed and filed.letter.state is LetterState.REPLAY else None

    async def settle(self, letter: Letter, failure: RpcStatus | None, reason: str) -> None:
        """Note what became of a letter that was tried again."""
        now = self._clock.now().isoformat(timespec="microseconds")
        tried = replace(letter, attempted_at=now, attempts=letter.attempts + 1)
        if failure is None:
            tried = replace(letter, attempted_at=now, state=LetterState.REPLAYED)
        else:
            status = failure.SerializeToString()
            tried = replace(tried, state=LetterState.PARKED, status=status, reason=reason)
        await self._ledger.file_letter(tried)
