"""Whether the end of a log is what was appended, looked at before anything is served."""

from dataclasses import dataclass

from typing_extensions import override

from angzarr_rows import event_of
from angzarr_store import EMPTY_CHAIN, DamagedError, Head, RefusedError, Verifier
from angzarr_tables._steps import Ask, Operation, Steps

VERIFIED_LINKS = 1000


@dataclass(frozen=True, slots=True)
class VerifyTails(Operation[None]):
    """The ends of all logs of a database, whose layout is at most `layout`."""

    layout: int

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Recompute the last links of each chain.

        Raises:
            DamagedError: a page, number or link is not what was stored.
            RefusedError: a log is newer than this code, or ends before its head.
        """
        for domain, layout in (yield Ask("select_domains", {})):
            check_layout(layout, self.layout)
            yield from _verify(domain)


def check_layout(found: int, known: int) -> None:
    """Refuse tables of newer code.

    Raises:
        RefusedError: they are.
    """
    if found > known:
        raise RefusedError("layout", str(found), f"this angzarr reads up to {known}")


def _verify(domain: str) -> Steps[None]:
    ((position, epoch, chain),) = yield Ask("select_head", {"domain": domain})
    head = Head(position=position, epoch=epoch, chain=chain)
    after = max(0, position - VERIFIED_LINKS)
    found = yield Ask("select_chain", {"domain": domain, "position": after})
    verifier = Verifier(
        domain=domain, position=after, chain=bytes(found[0][0]) if found else EMPTY_CHAIN
    )
    values = {"domain": domain, "after": after, "limit": VERIFIED_LINKS + 1}
    for row in (yield Ask("select_feed_events", values)):
        event = event_of(row)
        if verifier.fault(event):
            raise DamagedError(domain, event.key.root, event.sequence)
    if verifier.end_fault(head):
        at = f"the log ends at {verifier.position}; restore it"
        raise RefusedError("head", f"position {position}", at)
