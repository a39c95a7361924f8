"""What a transaction reads and writes for named editions (contract.md §4.11)."""

from dataclasses import dataclass, replace

from typing_extensions import override

from angzarr_append import Decision
from angzarr_rows import edition_of, fork_of, fork_values, key_values
from angzarr_store import Edition, EditionError, FencedError, Fork, RootKey
from angzarr_tables._steps import Ask, Operation, Put, Steps


def read_fork(domain: str, key: RootKey) -> Steps[Fork]:
    """Return what decides where a root of a named edition leaves main."""
    (row,) = yield Ask("select_fork", fork_values(domain, key))
    fork = fork_of(domain, key, row)
    if not fork.latest:
        return fork
    values = {"domain": domain, "created_at": fork.latest, **key_values(key.on_main)}
    ((later,),) = yield Ask("select_first_later", values)
    return replace(fork, later=later)


def put_branches(domain: str, decision: Decision) -> Steps[None]:
    """Store the editions that a group began, and where their roots leave main."""
    for edition in decision.editions:
        yield _insertion(domain, edition)
    yield Put("insert_divergence", [(domain, *it) for it in decision.divergences])


@dataclass(frozen=True, slots=True)
class CreateEdition(Operation[Edition | EditionError | FencedError]):
    """An edition that somebody makes before its first command."""

    domain: str
    epoch: int
    edition: Edition

    @override
    def steps(self, *, again: bool) -> Steps[Edition | EditionError | FencedError]:
        """Keep it, or return the one that was made alike, or why there is none."""
        fenced = yield from _fenced(self.domain, self.epoch)
        if fenced is not None:
            return fenced
        found = yield from _find(self.domain, self.edition.name)
        if found is None:
            yield _insertion(self.domain, self.edition)
            return self.edition
        try:
            found.check_like(self.edition, self.domain)
        except EditionError as error:
            return error
        return found


@dataclass(frozen=True, slots=True)
class DeleteEdition(Operation[bool | FencedError]):
    """An edition that somebody does not want any more."""

    domain: str
    epoch: int
    name: str

    @override
    def steps(self, *, again: bool) -> Steps[bool | FencedError]:
        """Leave of it its name and the places of its events; say whether there was one."""
        fenced = yield from _fenced(self.domain, self.epoch)
        if fenced is not None:
            return fenced
        if (yield from _find(self.domain, self.name)) is None:
            return False
        yield Ask("delete_edition", {"domain": self.domain, "edition": self.name})
        return True


def _insertion(domain: str, edition: Edition) -> Ask:
    names = ("name", "created_at", "description", "point")
    values = {name: getattr(edition, name) for name in names}
    return Ask("insert_edition", {"domain": domain, **values})


def _find(domain: str, name: str) -> Steps[Edition | None]:
    rows = yield Ask("select_edition", {"domain": domain, "name": name})
    return edition_of(rows[0]) if rows else None


def _fenced(domain: str, epoch: int) -> Steps[FencedError | None]:
    ((_, found, _),) = yield Ask("lock_head", {"domain": domain})
    return None if found == epoch else FencedError(f"Coordinator of domain {domain}", epoch)
