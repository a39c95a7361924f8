"""A command of a saga or process manager until its outcome is terminal."""

from angzarr_dispatch._decision import Decision, InvalidDecisionError, SourceEvent
from angzarr_dispatch._outcome import Answer, Verdict
from angzarr_dispatch._settle import Send, UnsettledError, settle

__all__ = [
    "Answer",
    "Decision",
    "InvalidDecisionError",
    "Send",
    "SourceEvent",
    "UnsettledError",
    "Verdict",
    "settle",
]
