"""Contract tests that every event store passes."""

from angzarr_store_conformance._append import AppendContract
from angzarr_store_conformance._audit import AuditContract, Audited
from angzarr_store_conformance._contract import Contract, Reopen, batch, rejection, root_key
from angzarr_store_conformance._editions import EditionContract
from angzarr_store_conformance._ledger import LedgerContract
from angzarr_store_conformance._letters import LettersContract
from angzarr_store_conformance._process import ProcessContract
from angzarr_store_conformance._read import ReadContract
from angzarr_store_conformance._snapshots import SnapshotContract
from angzarr_store_conformance._writing import append_on

__all__ = [
    "AppendContract",
    "AuditContract",
    "Audited",
    "Contract",
    "EditionContract",
    "LedgerContract",
    "LettersContract",
    "ProcessContract",
    "ReadContract",
    "Reopen",
    "SnapshotContract",
    "append_on",
    "batch",
    "rejection",
    "root_key",
]
