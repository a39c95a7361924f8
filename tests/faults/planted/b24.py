"""B24: the members of a group are blind to each other."""

from typing import Any

from angzarr_tables import _append


def plant() -> None:
    """Decide each on what the transaction has read."""
    operations: Any = _append
    honest = operations.decide

    def decide(domain: str, group: Any, known: Any) -> Any:
        decisions = [honest(domain, [it], known) for it in group]
        last = decisions[-1]
        for it in reversed(decisions[:-1]):
            last.events[:0] = it.events
            last.commands[:0] = it.commands
            last.answers[:0] = it.answers
        return last

    operations.decide = decide
