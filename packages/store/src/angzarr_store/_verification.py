"""Whether a log is what was appended: every number, digest and link (reliability.md §12)."""

from dataclasses import dataclass

from angzarr_ports import Metric, MetricKind
from angzarr_store._rows import EMPTY_CHAIN, Event, Head, event_digest, next_chain

CHAIN_MISMATCH = Metric(
    name="angzarr_chain_mismatch_total",
    help="Times that a log was not the one that was appended.",
    kind=MetricKind.COUNTER,
    labels=("component", "domain"),
)


@dataclass(slots=True, kw_only=True)
class Verifier:
    """Recomputes the chain of one log event by event; `position` and `chain` are verified."""

    domain: str
    position: int = 0
    chain: bytes = EMPTY_CHAIN

    def fault(self, event: Event) -> str:
        """Return what is wrong with the next event of the log; "" verifies it.

        Shape: a tombstone keeps its digest, which nothing can recompute; its link is checked.
        """
        if event.position != self.position + 1:
            return f"position {self.position + 1} is missing: {event.position} follows"
        place = (event.sequence, event.position)
        digest = event.digest
        if event.page is not None:
            digest = event_digest(self.domain, event.key, place, event.command_id, event.page)
        if event.digest != digest:
            return f"position {event.position} is not what was stored: its digest differs"
        chain = next_chain(self.chain, digest)
        if event.chain != chain:
            return f"position {event.position} does not follow {self.position}: the chain differs"
        self.position, self.chain = event.position, chain
        return ""

    def end_fault(self, head: Head) -> str:
        """Return what is wrong with the end of the log, once every event is verified."""
        if self.position != head.position:
            return f"position {self.position + 1} is missing: the head is {head.position}"
        differs = f"the chain of the head differs at position {head.position}"
        return "" if self.chain == head.chain else differs
