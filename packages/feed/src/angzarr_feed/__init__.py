"""The log of a domain as others read it."""

from angzarr_feed._remote import RemoteFeed

__all__ = ["RemoteFeed"]
