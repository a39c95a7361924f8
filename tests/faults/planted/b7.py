"""B7: a conflict is found before a repeat."""

from dataclasses import replace
from typing import Any

from angzarr_tables import _append


def plant() -> None:
    """Recall only the commands whose base is still right."""
    operations: Any = _append
    honest = operations.decide

    def decide(domain: str, group: Any, known: Any) -> Any:
        bases = {it.command_id: it.base == known.next_sequences[it.key] for it in group}
        kept = {id_: it for id_, it in known.commands.items() if bases[id_]}
        return honest(domain, group, replace(known, commands=kept))

    operations.decide = decide
