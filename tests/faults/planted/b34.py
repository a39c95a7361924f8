"""B34: the root that a reply names is trusted."""

from typing import Any

from angzarr_coordinator_aggregate import _reply


def plant() -> None:
    """Take every cover of a reply."""
    rule: Any = _reply.ReplyRule
    rule._check_cover = lambda *_: None
