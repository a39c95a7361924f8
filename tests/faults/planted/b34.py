"""B34: the root that a reply names is trusted."""

from typing import Any

from angzarr_log import ReplyRule

from .replacing import replace


def plant() -> None:
    """Take every cover of a reply."""
    rule: Any = ReplyRule
    replace(rule, "_check_cover", lambda *_: None)
