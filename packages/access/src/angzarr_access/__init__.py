"""Which component may call what, on which domain."""

from angzarr_access._classes import CLASSES, Class
from angzarr_access._open import open_access
from angzarr_access._rule import Rule
from angzarr_access._rules import Rules

__all__ = ["CLASSES", "Class", "Rule", "Rules", "open_access"]
