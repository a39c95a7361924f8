"""B23: the base of a command is not checked again under the lock."""

from dataclasses import replace
from typing import Any

from angzarr_tables import _append


def plant() -> None:
    """Believe what every command says about its root."""
    operations: Any = _append
    honest = operations.decide

    def decide(domain: str, group: Any, known: Any) -> Any:
        nexts = {**known.next_sequences, **{it.key: it.base for it in group}}
        return honest(domain, group, replace(known, next_sequences=nexts))

    operations.decide = decide
