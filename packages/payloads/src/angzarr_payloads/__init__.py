"""Payloads as people read them: message types that are installed, states that folds tell."""

from angzarr_payloads._folded import Folded
from angzarr_payloads._types import Types

__all__ = ["Folded", "Types"]
