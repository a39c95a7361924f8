"""Whether a subscription to a stream means something, and which appends it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault
from angzarr._names import is_edition_name, is_name, is_reserved_domain

if TYPE_CHECKING:
    from angzarr.types_pb2 import EventBook, EventStreamFilter


class EventStreamFilterTraits:
    """Behaviour of EventStreamFilter."""

    def fault(self: EventStreamFilter) -> Fault | None:
        """Return the first thing wrong with the filter (contract.md §4.9), or None."""
        if not self.correlation_id and not self.domain:
            text = "correlation_id is required for event stream subscription"
            return Fault("correlation_id", text)
        if not self.domain and self.HasField("after_position"):
            return Fault("after_position", "after_position requires a domain")
        if not self.domain and self.HasField("root"):
            return Fault("root", "root requires a domain")
        return _value_fault(self)

    def wants(self: EventStreamFilter, delta: EventBook) -> bool:
        """Say whether the append meets every condition; no edition means every timeline."""
        cover = delta.cover
        return (
            self.correlation_id in {"", cover.correlation_id}
            and self.domain in {"", cover.domain}
            and self.edition in {"", cover.edition_name}
            and (not self.HasField("root") or self.root.value == cover.root.value)
        )


def _value_fault(wanted: EventStreamFilter) -> Fault | None:
    domain = wanted.domain
    if domain and not is_name(domain) and not is_reserved_domain(domain):
        return Fault("domain", f"Invalid domain: {domain}")
    if wanted.edition and not is_edition_name(wanted.edition):
        return Fault("edition", f"Invalid edition name: {wanted.edition}")
    length = len(wanted.root.value)
    if wanted.HasField("root") and length != 16:  # noqa: PLR2004 - the length of a UUID
        return Fault("root", f"Invalid UUID: expected 16 bytes, got {length}")
    return None
