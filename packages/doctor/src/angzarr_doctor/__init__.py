"""Checks of an application: what it needs to run, how it is, whether its stores are sound."""

from angzarr_doctor._examination import examine
from angzarr_doctor._finding import Finding, Level
from angzarr_doctor._overview import Overview, overview
from angzarr_doctor._stores import verify_stores

__all__ = ["Finding", "Level", "Overview", "examine", "overview", "verify_stores"]
