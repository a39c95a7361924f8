"""What a process tells its operator: log lines, metrics, health over HTTP, signed heads."""

from angzarr_telemetry._exposition import Sample, exposition, merged, samples_of
from angzarr_telemetry._heads import ExportedHead, HeadsError, HeadsFile
from angzarr_telemetry._http import JSON_TYPE, Answer, HttpServer, get
from angzarr_telemetry._log import log_to_stdout, printable
from angzarr_telemetry._monitored import monitored, observe_process
from angzarr_telemetry._monitoring import Monitored, Monitoring, checks_of
from angzarr_telemetry._never import (
    CHECKPOINT_AHEAD,
    DUPLICATE_EFFECT,
    EPOCH_REJECTED,
    GAP_APPLIED,
    LOST_REACTION,
    NEVER,
    ORDER_VIOLATION,
)
from angzarr_telemetry._process import Watchdog, end_with_stacks, sample_process
from angzarr_telemetry._readiness import Readiness
from angzarr_telemetry._vitals import LOOK_SECONDS, STALL_SECONDS, Tally, Vitals

__all__ = [
    "CHECKPOINT_AHEAD",
    "DUPLICATE_EFFECT",
    "EPOCH_REJECTED",
    "GAP_APPLIED",
    "JSON_TYPE",
    "LOOK_SECONDS",
    "LOST_REACTION",
    "NEVER",
    "ORDER_VIOLATION",
    "STALL_SECONDS",
    "Answer",
    "ExportedHead",
    "HeadsError",
    "HeadsFile",
    "HttpServer",
    "Monitored",
    "Monitoring",
    "Readiness",
    "Sample",
    "Tally",
    "Vitals",
    "Watchdog",
    "checks_of",
    "end_with_stacks",
    "exposition",
    "get",
    "log_to_stdout",
    "merged",
    "monitored",
    "observe_process",
    "printable",
    "sample_process",
    "samples_of",
]
