"""Where the roots of a group stand, as its members move them."""

from dataclasses import replace

from angzarr_store import WHOLE_DOMAIN, Batch, ConflictError, Edition, EditionError, Fork, RootKey

Divergence = tuple[str, bytes, int]


class Roots:
    """The next sequence of every root of a group, on main and on named editions.

    What a member makes is visible to later ones: `editions` and `divergences` are to be stored.
    """

    def __init__(self, nexts: dict[RootKey, int], forks: dict[RootKey, Fork]) -> None:
        self.editions: list[Edition] = []
        self.divergences: list[Divergence] = []
        self._nexts = nexts
        self._forks = forks

    def fault(self, batch: Batch) -> EditionError | ConflictError | None:
        """Return why a batch cannot be appended, None if it can."""
        try:
            following = self._next(batch)
        except EditionError as error:
            return error
        return ConflictError(batch.base, following) if following != batch.base else None

    def deleted(self, batch: Batch) -> EditionError | None:
        """Return why a batch may not even be repeated, None if it may."""
        if batch.key.is_main:
            return None
        try:
            self._fork(batch.key).divergence(None)
        except EditionError as error:
            return error
        return None

    def move(self, batch: Batch) -> None:
        """Take a batch that has no fault."""
        if not batch.key.is_main and (batch.recorded or batch.pages):
            self._branch(batch)
        if batch.pages:
            self._nexts[batch.key] = batch.base + len(batch.pages)

    def _next(self, batch: Batch) -> int:
        if batch.key.is_main:
            return self._nexts[batch.key]
        return self._fork(batch.key).next_sequence(batch.divergence)

    def _branch(self, batch: Batch) -> None:
        """Record the edition with its first command, and where it leaves main."""
        name, fork = batch.key.edition, self._fork(batch.key)
        divergence = fork.divergence(batch.divergence)
        if fork.edition is None:
            self.editions.append(Edition(name=name, created_at=batch.created_at))
        if fork.recorded is None and batch.divergence is not None:
            self.divergences.append((name, WHOLE_DOMAIN, batch.divergence))
        if fork.pinned is None and batch.pages:
            self.divergences.append((name, batch.key.root, divergence))

    def _fork(self, key: RootKey) -> Fork:
        known = self._forks[key]
        made = next((it for it in self.editions if it.name == key.edition), None)
        new = {root: it for name, root, it in self.divergences if name == key.edition}
        return replace(
            known,
            edition=known.edition or made,
            pinned=new.get(key.root, known.pinned),
            recorded=new.get(WHOLE_DOMAIN, known.recorded),
            main_next=max(known.main_next, self._nexts.get(key.on_main, 0)),
            own_next=max(known.own_next, self._nexts.get(key, 0)),
        )
