"""What a store on tables reads and writes, statement by statement; no driver, no SQL."""

from angzarr_tables._append import Probe, TakeEpoch, lock_head
from angzarr_tables._audit import TableAudit
from angzarr_tables._ledger import TableLedger
from angzarr_tables._log import TableLog
from angzarr_tables._reads import Reads
from angzarr_tables._steps import Ask, AskEach, Operation, Put, Rows, Step, Steps
from angzarr_tables._store import TableStore
from angzarr_tables._subscriptions import CommitChanges, lease_of
from angzarr_tables._tail import VerifyTails, check_layout
from angzarr_tables._writer import FSYNC, Pending, Writer, group_steps

__all__ = [
    "FSYNC",
    "Ask",
    "AskEach",
    "CommitChanges",
    "Operation",
    "Pending",
    "Probe",
    "Put",
    "Reads",
    "Rows",
    "Step",
    "Steps",
    "TableAudit",
    "TableLedger",
    "TableLog",
    "TableStore",
    "TakeEpoch",
    "VerifyTails",
    "Writer",
    "check_layout",
    "group_steps",
    "lease_of",
    "lock_head",
]
