"""What logic says that the events of a root add up to: kept by policy, checked by samples."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.protobuf.any_pb2 import Any

from angzarr.types_pb2 import EventBook
from angzarr_log._histories import Histories
from angzarr_ports import Metric, MetricKind, System
from angzarr_service import CallError, RequestError
from angzarr_store import Appended, CommandRow, EventLog, RootKey, Snapshot, StoreError

EVERY_EVENTS = 50
AUDITED_SHARE = 0.1
FAILED = "snapshot.failed"
MISMATCH = "snapshot.mismatch"
MISMATCHES = Metric(
    name="angzarr_snapshot_mismatch_total",
    help="Snapshots that were not what their events add up to.",
    kind=MetricKind.COUNTER,
    labels=("component", "domain"),
)

_LOG = logging.getLogger("angzarr.snapshots")


Again = Callable[[EventBook], Awaitable[Any]]
Kept = Callable[[Snapshot | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What logic says that a root is after an append; `history` begins with what it decided by."""

    row: CommandRow
    history: EventBook
    state: Any
    again: Again
    kept: Kept

    @property
    def sequence(self) -> int:
        """Return the last event that the state includes."""
        return self.row.first_sequence + self.row.count - 1

    @property
    def is_due(self) -> bool:
        """Say whether the events behind the snapshot that there is are worth another."""
        return self.state.type_url != "" and self.sequence + 1 - self._first >= EVERY_EVENTS

    @property
    def rests_on_snapshot(self) -> bool:
        """Say whether logic saw a snapshot in place of the first events."""
        return self.history.HasField("snapshot")

    def seen(self) -> EventBook:
        """Return a copy of what logic decided by."""
        book, base = EventBook(), self.row.first_sequence
        book.CopyFrom(self.history)
        del book.pages[base - self._first :]
        book.next_sequence = base
        return book

    @property
    def _first(self) -> int:
        return self.history.snapshot.sequence + 1 if self.rests_on_snapshot else 0


class Snapshots:
    """Keeps offers behind the answer; nobody waits for them and no failure is answered.

    Rule: contract.md §4.1 step 16, reliability.md §2.5 and §12.
    """

    def __init__(
        self,
        component: str,
        log: EventLog,
        histories: Histories,
        system: System,
        *,
        limit_bytes: int,
    ) -> None:
        self._component = component
        self._log = log
        self._histories = histories
        self._system = system
        self._limit_bytes = limit_bytes
        self._busy: set[RootKey] = set()

    def offer(
        self,
        appended: Appended,
        history: EventBook,
        state: Any,
        again: Again,
        kept: Kept = lambda _: None,
    ) -> None:
        """Keep soon what logic says that a root is after an append, if that is due.

        `history` is what logic decided by, the events of the append may have been added; `again`
        asks it anew by another history of the same events, and returns what it says then. `kept`
        hears what became durable, None when what was kept before turned out to be wrong.
        """
        if not self._histories.uses_snapshots or not appended.pages or appended.repeated:
            return
        row = appended.row
        offer = Offer(row=row, history=history, state=state, again=again, kept=kept)
        if offer.is_due and row.key not in self._busy:
            self._begin(offer)

    def _begin(self, offer: Offer) -> None:
        is_audited = self._system.randomness.uniform(0, 1) < AUDITED_SHARE
        seen = offer.seen() if offer.rests_on_snapshot and is_audited else None
        self._busy.add(offer.row.key)
        self._system.tasks.start(f"snapshot {offer.row.key.root.hex()}", self._keep(offer, seen))

    async def _keep(self, offer: Offer, seen: EventBook | None) -> None:
        told = {"domain": self._log.domain, "root": offer.row.key.root.hex()}
        try:
            if seen is not None and not await self._agrees(offer, seen):
                self._system.metrics.count(
                    MISMATCHES, component=self._component, domain=self._log.domain
                )
                _LOG.error(MISMATCH, extra={**told, "sequence": seen.snapshot.sequence})
                await self._log.drop_snapshot(offer.row.key)
                offer.kept(None)
            else:
                await self._save(offer)
        except (StoreError, CallError, RequestError) as error:
            _LOG.warning(FAILED, extra={**told, "why": str(error)})
        finally:
            self._busy.discard(offer.row.key)

    async def _save(self, offer: Offer) -> None:
        state = offer.state.SerializeToString()
        if len(state) > self._limit_bytes:
            raise RequestError.too_large("Snapshot", len(state), self._limit_bytes)
        snapshot = Snapshot(key=offer.row.key, sequence=offer.sequence, state=state)
        self._system.faults.at("K15")
        await self._log.save_snapshot(snapshot)
        offer.kept(snapshot)

    async def _agrees(self, offer: Offer, seen: EventBook) -> bool:
        """Say whether logic gets from a snapshot where it gets from all events.

        Logic whose state changes from call to call by itself cannot be judged.
        """
        row = offer.row
        last = row.first_sequence - 1
        whole = await self._histories.state(row.key, last=last, whole=True)
        first, short = await offer.again(whole), await offer.again(seen)
        return first == short or await offer.again(whole) != first
