"""Which letters an operator means, and whether they may be tried again."""

from collections.abc import Sequence

from angzarr.dead_letter_pb2 import (
    DiscardDeadLettersRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from angzarr.types_pb2 import DeadLetterState
from angzarr_deadletter._component import KINDS, STATES, Component
from angzarr_store import (
    Ledger,
    Letter,
    LetterCountError,
    LetterOrderError,
    LetterQuery,
    LetterRequestError,
    LetterState,
    LetterStateError,
    RootKey,
    UnknownLetterError,
)

PAGE = 500
LETTERS_LIMIT = 100_000

Place = tuple[str, str, RootKey]


class Selection:
    """Finds what replay and discard are about."""

    def __init__(self, component: Component, ledger: Ledger) -> None:
        self._component = component
        self._ledger = ledger

    def query(self, request: ListDeadLettersRequest) -> LetterQuery:
        """Return the query of a request.

        Raises:
            LetterRequestError: a field of the request means nothing.
        """
        fault = request.fault()
        if fault is not None:
            raise LetterRequestError(fault.field, fault.message)
        asked = request.states or [DeadLetterState.DEAD_LETTER_STATE_PARKED]
        kinds = {wire: kind for kind, wire in KINDS.items()}
        return LetterQuery(
            states=frozenset().union(*(STATES.get(it, frozenset()) for it in asked)),
            subscriber=self._component.subscriber(request.component),
            domain=request.domain,
            root=request.root.value,
            kind=kinds.get(request.kind),
        )

    async def of(
        self,
        request: ReplayDeadLettersRequest | DiscardDeadLettersRequest,
        states: frozenset[LetterState],
    ) -> list[Letter]:
        """Return the letters, each of them in one of `states`.

        Raises:
            LetterError: the request or one of the letters does not allow it.
        """
        fault = request.fault()
        if fault is not None:
            raise LetterRequestError(fault.field, fault.message)
        if request.ids:
            found = [await self._one(id_) for id_ in dict.fromkeys(request.ids)]
        else:
            found = await self._all(self.query(request.selection))
            if not request.dry_run and len(found) != request.expected_count:
                raise LetterCountError(len(found), request.expected_count)
        for letter in found:
            if letter.state not in states:
                raise LetterStateError(letter.id, letter.state.upper())
        return found

    async def check_order(self, chosen: Sequence[Letter]) -> None:
        """Refuse a letter that waits for one that is not chosen.

        Raises:
            LetterOrderError: it does.
        """
        ids = {letter.id for letter in chosen}
        for subscriber, domain, key in places_of(chosen):
            held = await self._ledger.root_letters(subscriber, domain, key, limit=LETTERS_LIMIT)
            older = ""
            for letter in held:
                if letter.id in ids and older:
                    raise LetterOrderError(letter.id, older)
                older = older or ("" if letter.id in ids else letter.id)

    async def _one(self, id_: str) -> Letter:
        filed = await self._ledger.letter(id_)
        if filed is None:
            raise UnknownLetterError(id_)
        return filed.letter.without_bytes()

    async def _all(self, wanted: LetterQuery) -> list[Letter]:
        found: list[Letter] = []
        after = ("", "")
        while page := await self._ledger.letters(wanted, after=after, limit=PAGE):
            found += [filed.letter for filed in page]
            after = (found[-1].parked_at, found[-1].id)
        return found


def places_of(letters: Sequence[Letter]) -> list[Place]:
    """Return the roots that the letters hold; one of an aggregate holds none."""
    places = [(it.subscriber, it.domain, it.key) for it in letters if it.holds_root]
    return list(dict.fromkeys(places))
