"""B34: the root that a reply names is trusted."""

from typing import Any

from angzarr_log import ReplyRule


def plant() -> None:
    """Take every cover of a reply."""
    rule: Any = ReplyRule
    rule._check_cover = lambda *_: None
