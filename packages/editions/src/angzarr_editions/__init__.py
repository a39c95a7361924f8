"""The command edition: branches of history, and what differs in them."""

from angzarr_editions._edition import edition
from angzarr_editions._session import Session

__all__ = ["Session", "edition"]
