"""The append of a group: which members are stored, where, and what each hears."""

from angzarr_append._counting import count_appends
from angzarr_append._decision import Answer, Decision, Known, decide

__all__ = ["Answer", "Decision", "Known", "count_appends", "decide"]
