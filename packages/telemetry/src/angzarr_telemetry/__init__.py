"""What a process tells its operator: log lines, metrics, health over HTTP."""

from angzarr_telemetry._exposition import Sample, exposition, merged, samples_of
from angzarr_telemetry._http import get
from angzarr_telemetry._log import log_to_stdout, printable
from angzarr_telemetry._monitoring import Monitored, Monitoring, checks_of
from angzarr_telemetry._process import Watchdog, end_with_stacks, sample_process

__all__ = [
    "Monitored",
    "Monitoring",
    "Sample",
    "Watchdog",
    "checks_of",
    "end_with_stacks",
    "exposition",
    "get",
    "log_to_stdout",
    "merged",
    "printable",
    "sample_process",
    "samples_of",
]
