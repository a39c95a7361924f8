"""A command of a saga or process manager until its outcome is terminal."""

from angzarr_dispatch._alert import escalate
from angzarr_dispatch._consequence import Consequence
from angzarr_dispatch._decision import Decision, InvalidDecisionError, SourceEvent
from angzarr_dispatch._outcome import Answer, Verdict
from angzarr_dispatch._rejection import is_compensation
from angzarr_dispatch._settle import Dispatcher, Save, Send, Unsettled

__all__ = [
    "Answer",
    "Consequence",
    "Decision",
    "Dispatcher",
    "InvalidDecisionError",
    "Save",
    "Send",
    "SourceEvent",
    "Unsettled",
    "Verdict",
    "escalate",
    "is_compensation",
]
