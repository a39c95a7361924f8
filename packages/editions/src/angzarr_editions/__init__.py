"""The command edition: branches of history, and what differs in them."""

from angzarr_editions._edition import edition

__all__ = ["edition"]
