"""Contract tests that every event store passes."""

from angzarr_store_conformance._contract import Contract, Reopen, batch, rejection, root_key
from angzarr_store_conformance._ledger import LedgerContract
from angzarr_store_conformance._letters import LettersContract
from angzarr_store_conformance._log import AppendContract, ReadContract

__all__ = [
    "AppendContract",
    "Contract",
    "LedgerContract",
    "LettersContract",
    "ReadContract",
    "Reopen",
    "batch",
    "rejection",
    "root_key",
]
