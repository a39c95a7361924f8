"""What every component does about an event: ask its logic, read destinations, settle commands."""

from angzarr_reaction._interest import Interest
from angzarr_reaction._logic import REBUILD, SPECULATIVE, Logic, Metadata
from angzarr_reaction._peers import Peers
from angzarr_reaction._reply import as_answer, check_count, final_failure, invalid_reply
from angzarr_reaction._settlement import Settlement
from angzarr_reaction._upcasting import Upcasting

__all__ = [
    "REBUILD",
    "SPECULATIVE",
    "Interest",
    "Logic",
    "Metadata",
    "Peers",
    "Settlement",
    "Upcasting",
    "as_answer",
    "check_count",
    "final_failure",
    "invalid_reply",
]
