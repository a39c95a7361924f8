"""Where a subscription's events come from."""

from dataclasses import dataclass

from angzarr_bus import Bus
from angzarr_delivery._feed import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The log of `domain`, read by position, and the bus that announces what is new."""

    domain: str
    feed: Feed
    bus: Bus
