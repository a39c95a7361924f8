"""Becoming one of several appenders of a domain (reliability.md §2.6)."""

from dataclasses import dataclass

from typing_extensions import override

from angzarr_store import Head
from angzarr_tables import Ask, Operation, Steps, lock_head


@dataclass(frozen=True, slots=True)
class JoinEpoch(Operation[Head]):
    """Append beside others, whom the sequence check of each append decides between."""

    domain: str

    @override
    def steps(self, *, again: bool) -> Steps[Head]:
        """Return the head with the current epoch, the first one of a new log."""
        yield Ask("insert_head", {"domain": self.domain})
        head = yield from lock_head(self.domain)
        if head.epoch:
            return head
        yield Ask("update_epoch", {"domain": self.domain})
        return (yield from lock_head(self.domain))
