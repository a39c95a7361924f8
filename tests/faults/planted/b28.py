"""B28: the checkpoint is written, not compared and set."""

from typing import Any

from angzarr_rows import change_statements
from angzarr_store_sqlite import _statements
from angzarr_tables import Ask, CommitChanges


def plant() -> None:
    """Take every lease for the current one."""
    commit: Any = CommitChanges

    def steps(self: Any, *, again: bool) -> Any:
        del again
        names = {"subscriber": self.lease.subscriber, "domain": self.lease.domain}
        for change in self.changes:
            for name, values in change_statements(change):
                yield Ask(name, {**names, **values})

    commit.steps = steps
    update = """UPDATE subscriptions SET position = :new, chain = :chain
        WHERE subscriber = :subscriber AND domain = :domain"""
    _statements.STATEMENTS["update_checkpoint"] = update
