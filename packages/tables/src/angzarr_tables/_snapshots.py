"""What a transaction writes for snapshots."""

from dataclasses import dataclass

from typing_extensions import override

from angzarr_rows import key_values
from angzarr_store import RootKey, Snapshot
from angzarr_tables._steps import Ask, Operation, Steps


@dataclass(frozen=True, slots=True)
class SaveSnapshot(Operation[None]):
    """A snapshot that somebody offers."""

    domain: str
    snapshot: Snapshot

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Keep it with the chain of its last event, unless a later one is kept."""
        it = self.snapshot
        values = {"domain": self.domain, "sequence": it.sequence, "state": it.state}
        yield Ask("insert_snapshot", {**values, **key_values(it.key)})


@dataclass(frozen=True, slots=True)
class DropSnapshot(Operation[None]):
    """A snapshot that is wrong."""

    domain: str
    key: RootKey

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Forget it."""
        yield Ask("delete_snapshot", {"domain": self.domain, **key_values(self.key)})
