"""Letters that are tried again: in order, by the owner of the subscription (reliability.md §3)."""

from functools import partial

from angzarr_delivery._attempts import Attempts
from angzarr_delivery._backoff import patiently
from angzarr_delivery._lanes import Pending
from angzarr_delivery._letters import LETTERS_LIMIT, Letters
from angzarr_ports import System
from angzarr_store import Backlog, Lease, Ledger, Letter, LetterState, RootKey


class Replays:
    """Goes on with the letters of a root until it is free or one of them holds it."""

    def __init__(
        self, ledger: Ledger, lease: Lease, letters: Letters, attempts: Attempts, system: System
    ) -> None:
        self._ledger = ledger
        self._lease = lease
        self._letters = letters
        self._attempts = attempts
        self._system = system

    @staticmethod
    def owed(backlog: Backlog) -> list[RootKey]:
        """Return the roots whose oldest letter may be tried: somebody decided before a crash."""
        oldest: dict[RootKey, Letter] = {}
        for letter in backlog.letters:
            if letter.is_open:
                oldest.setdefault(letter.key, letter)
        return [key for key, letter in oldest.items() if letter.is_free]

    async def work(self, key: RootKey) -> None:
        """Try the letters of a root, oldest first; the first failure ends it."""
        await patiently(partial(self._work, key), self._system)

    async def _work(self, key: RootKey) -> None:
        while (held := await self._held(key, 1)) and held[0].is_free:
            letter = await self._claimed(held[0])
            if letter is not None:
                reactions = await self._ledger.reactions(self._lease, letter.position)
                await self._attempts.replay(Pending.of_letter(letter), reactions)
        self._letters.set_open(key, len(await self._held(key, LETTERS_LIMIT)))

    async def _claimed(self, letter: Letter) -> Letter | None:
        """Return the whole letter once nobody can discard it any more, None if somebody did."""
        await self._ledger.request_replay([letter.id])
        filed = await self._ledger.letter(letter.id)
        if filed is None or filed.letter.state is not LetterState.REPLAY:
            return None
        return filed.letter

    async def _held(self, key: RootKey, limit: int) -> list[Letter]:
        lease = self._lease
        return await self._ledger.root_letters(lease.subscriber, lease.domain, key, limit=limit)
