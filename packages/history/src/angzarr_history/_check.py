"""The checker of all suites: every invariant of reliability.md §4 over one history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from typing_extensions import override

from angzarr_history import _answer_rules as answers
from angzarr_history import _delivery_rules as delivery
from angzarr_history import _log_rules as log
from angzarr_history import _order_rules as order
from angzarr_history import _system_rules as system
from angzarr_history._facts import Facts
from angzarr_history._records import History

INVARIANTS: dict[str, tuple[str, Callable[[Facts], Iterator[str]]]] = {
    "I1": ("Acked is durable", answers.durable),
    "I2": ("No phantoms", answers.no_phantoms),
    "I3": ("Batch atomic", log.batch_atomic),
    "I4": ("No gap, no repeat", log.no_gap),
    "I5": ("At most once", log.at_most_once),
    "I6": ("No double claim", log.no_double_claim),
    "I7": ("Per-root linearizable", order.linearizable),
    "I8": ("Immutable", log.immutable),
    "I9": ("Complete", delivery.complete),
    "I10": ("Order per root", delivery.ordered),
    "I11": ("Effectively once", delivery.once),
    "I12": ("Checkpoint safe", delivery.checkpoint_safe),
    "I13": ("No lost reaction", delivery.no_lost_reaction),
    "I14": ("Honest answers", answers.honest),
    "I15": ("Fenced", log.fenced),
    "I16": ("Poison isolated", system.poison_isolated),
    "I17": ("Bounded", system.bounded),
    "I18": ("Dense and prefix-visible", log.dense),
    "I19": ("Isolated", answers.isolated),
    "I20": ("Rebuildable", system.rebuildable),
    "I21": ("Converged", system.converged),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant that a history breaks, with identities and values."""

    invariant: str
    message: str

    @override
    def __str__(self) -> str:
        """Return number, name and message."""
        return f"{self.invariant} {INVARIANTS[self.invariant][0]}: {self.message}"


def check(history: History) -> list[Violation]:
    """Return every violation, in the order of the invariants; [] when all of them hold.

    What a history has no records of is not checked: without a dump nothing is compared with what
    is stored, without `Rested` nothing needs to be complete.
    """
    facts = Facts(history)
    return [
        Violation(invariant=name, message=message)
        for name, (_, rule) in INVARIANTS.items()
        for message in rule(facts)
    ]
