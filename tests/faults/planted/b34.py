"""B34: the root that a reply names is trusted."""

from angzarr_coordinator_aggregate import _reply


def plant() -> None:
    """Take every cover of a reply."""
    _reply.ReplyRule._check_cover = lambda *_: None  # type: ignore[assignment,method-assign]  # noqa: SLF001 - the bug
