"""What the writer thread reads and executes for named editions (contract.md §4.11)."""

import sqlite3
from dataclasses import dataclass, replace

from angzarr_append import Decision
from angzarr_rows import edition_of, fork_of, fork_values
from angzarr_store import Edition, EditionError, FencedError, Fork, RootKey
from angzarr_store_sqlite._statements import STATEMENTS

GONE = ("snapshots", "divergences", "timers")


def read_fork(connection: sqlite3.Connection, domain: str, key: RootKey) -> Fork:
    """Return what decides where a root of a named edition leaves main."""
    row = connection.execute(STATEMENTS["select_fork"], fork_values(domain, key)).fetchone()
    fork = fork_of(domain, key, row)
    if not fork.latest:
        return fork
    main = key.on_main
    place = (domain, main.edition, main.root, fork.latest)
    later = connection.execute(STATEMENTS["select_first_later"], place).fetchone()[0]
    return replace(fork, later=later)


def insert_branches(connection: sqlite3.Connection, domain: str, decision: Decision) -> None:
    """Store the editions that a group began, and where their roots leave main."""
    for edition in decision.editions:
        _insert(connection, domain, edition)
    rows = [(domain, *divergence) for divergence in decision.divergences]
    connection.executemany(STATEMENTS["insert_divergence"], rows)


@dataclass(frozen=True, slots=True)
class CreateEdition:
    """An edition that somebody makes before its first command."""

    domain: str
    epoch: int
    edition: Edition

    def execute(self, connection: sqlite3.Connection) -> Edition | EditionError | FencedError:
        """Keep it, or return the one that was made alike, or why there is none."""
        if (fenced := _fenced(connection, self.domain, self.epoch)) is not None:
            return fenced
        found = _find(connection, self.domain, self.edition.name)
        if found is None:
            _insert(connection, self.domain, self.edition)
            return self.edition
        try:
            found.check_like(self.edition, self.domain)
        except EditionError as error:
            return error
        return found


@dataclass(frozen=True, slots=True)
class DeleteEdition:
    """An edition that somebody does not want any more."""

    domain: str
    epoch: int
    name: str

    def execute(self, connection: sqlite3.Connection) -> bool | FencedError:
        """Leave of it its name and the places of its events; say whether there was one."""
        if (fenced := _fenced(connection, self.domain, self.epoch)) is not None:
            return fenced
        if _find(connection, self.domain, self.name) is None:
            return False
        values = {"domain": self.domain, "edition": self.name}
        for statement in ("update_edition_deleted", "update_edition_events"):
            connection.execute(STATEMENTS[statement], values)
        for table in GONE:
            connection.execute(STATEMENTS[f"delete_edition_{table}"], values)
        return True


def _insert(connection: sqlite3.Connection, domain: str, edition: Edition) -> None:
    names = ("name", "created_at", "description", "point")
    values = {name: getattr(edition, name) for name in names}
    connection.execute(STATEMENTS["insert_edition"], {"domain": domain, **values})


def _find(connection: sqlite3.Connection, domain: str, name: str) -> Edition | None:
    row = connection.execute(STATEMENTS["select_edition"], (domain, name)).fetchone()
    return None if row is None else edition_of(row)


def _fenced(connection: sqlite3.Connection, domain: str, epoch: int) -> FencedError | None:
    found = connection.execute(STATEMENTS["select_head"], {"domain": domain}).fetchone()[1]
    return None if found == epoch else FencedError(f"Coordinator of domain {domain}", epoch)
