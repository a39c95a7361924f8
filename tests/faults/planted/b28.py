"""B28: the checkpoint is written, not compared and set."""

from typing import Any

from angzarr_rows import change_statements
from angzarr_store_sqlite import _operations, _statements


def plant() -> None:
    """Take every lease for the current one."""
    commit: Any = _operations.CommitChanges

    def execute(self: Any, connection: Any) -> None:
        names = {"subscriber": self.lease.subscriber, "domain": self.lease.domain}
        for change in self.changes:
            for name, values in change_statements(change):
                connection.execute(_statements.STATEMENTS[name], {**names, **values})

    commit.execute = execute
    update = """UPDATE subscriptions SET position = :new, chain = :chain
        WHERE subscriber = :subscriber AND domain = :domain"""
    _statements.STATEMENTS["update_checkpoint"] = update
