"""What every component does about an event: ask its logic, read destinations, settle commands."""

from angzarr_reaction._logic import Logic
from angzarr_reaction._peers import Peers
from angzarr_reaction._reply import check_count, final_failure, invalid_reply
from angzarr_reaction._settlement import Settlement

__all__ = [
    "Logic",
    "Peers",
    "Settlement",
    "check_count",
    "final_failure",
    "invalid_reply",
]
