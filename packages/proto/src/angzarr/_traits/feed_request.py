"""Which appends a reader of the feed wants to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._identity import partition_of
from angzarr._names import MAIN
from angzarr._type_url import type_matches

if TYPE_CHECKING:
    from angzarr.feed_pb2 import FeedRequest
    from angzarr.types_pb2 import Cover, EventBook


class FeedRequestTraits:
    """Behaviour of FeedRequest."""

    def wants(self: FeedRequest, delta: EventBook) -> bool:
        """Say whether no filter leaves an append out (contract.md §4.13)."""
        return self.wants_cover(delta.cover) and (
            not self.types
            or any(
                type_matches(name, page.event.type_url)
                for page in delta.pages
                for name in self.types
            )
        )

    def wants_cover(self: FeedRequest, cover: Cover) -> bool:
        """Say whether the edition and the partition of a history are asked for."""
        editions = {name or MAIN for name in self.editions}
        if editions and cover.edition_name not in editions:
            return False
        count = self.partition_count
        return count <= 1 or partition_of(cover.root.value, count) in self.partitions
