"""Recomputes the chain over the whole log, for ever, at a bounded rate (reliability.md §12)."""

import logging
from collections.abc import Mapping

from angzarr_log._exports import HeadExport
from angzarr_ports import Metric, MetricKind, System
from angzarr_store import (
    CHAIN_MISMATCH,
    EventLog,
    FeedPage,
    InvariantError,
    LogMismatchError,
    PositionPastHeadError,
    StoreUnavailableError,
    Verifier,
)

VERIFIED_POSITION = Metric(
    name="angzarr_verified_position",
    help="How far the log was verified in the round that runs.",
    kind=MetricKind.GAUGE,
    labels=("domain",),
)
VERIFIED_AT = Metric(
    name="angzarr_verified_timestamp_seconds",
    help="When the log was last verified to its head, in seconds of Unix time.",
    kind=MetricKind.GAUGE,
    labels=("domain",),
)
MISMATCH = "store.mismatch"

READ_EVENTS = 200
READ_BYTES = 1024 * 1024
PAUSE_SECONDS = 0.2
ROUND_SECONDS = 60.0

_LOG = logging.getLogger("angzarr.store")


class Scrubber:
    """Verifies one log from its first event to its head, then begins again.

    Every head in `export` has to be a link of it.
    """

    def __init__(self, log: EventLog, export: HeadExport | None, system: System) -> None:
        self._log = log
        self._export = export
        self._system = system

    async def run(self) -> None:
        """Verify until cancelled.

        Raises:
            InvariantError: the log is not what was appended; the process must stop.
        """
        metrics, domain = self._system.metrics, self._log.domain
        metrics.count(CHAIN_MISMATCH, 0, component=domain, domain=domain)
        while True:
            await self._round()
            metrics.set(VERIFIED_AT, self._system.clock.now().timestamp(), domain=domain)
            await self._system.clock.sleep(ROUND_SECONDS)

    async def _round(self) -> None:
        verifier = Verifier(domain=self._log.domain)
        begin = 0
        while True:
            page = await self._read(verifier)
            if page is not None:
                last = verifier.position + len(page.events)
                heads = await self._export.heads(begin, last) if self._export else []
                begin = heads[-1].end if heads else begin
                self._verify(verifier, page, {it.position: it.chain for it in heads})
                if verifier.position == page.head.position:
                    return
            await self._system.clock.sleep(PAUSE_SECONDS)

    async def _read(self, verifier: Verifier) -> FeedPage | None:
        try:
            return await self._log.read_feed(
                after=verifier.position,
                limit=READ_EVENTS,
                limit_bytes=READ_BYTES,
                after_chain=verifier.chain,
            )
        except StoreUnavailableError:
            return None
        except (PositionPastHeadError, LogMismatchError) as error:
            raise self._mismatch(error.position, str(error)) from error

    def _verify(self, verifier: Verifier, page: FeedPage, exported: Mapping[int, bytes]) -> None:
        for event in page.events:
            if fault := verifier.fault(event):
                raise self._mismatch(verifier.position + 1, fault)
            if exported.get(verifier.position, verifier.chain) != verifier.chain:
                raise self._mismatch(verifier.position, "the chain is not the exported one")
        if verifier.position == page.head.position and (fault := verifier.end_fault(page.head)):
            raise self._mismatch(verifier.position, fault)
        self._system.metrics.set(VERIFIED_POSITION, verifier.position, domain=verifier.domain)

    def _mismatch(self, position: int, fault: str) -> InvariantError:
        domain = self._log.domain
        self._system.metrics.count(CHAIN_MISMATCH, component=domain, domain=domain)
        _LOG.error(MISMATCH, extra={"domain": domain, "position": position, "reason": fault})
        return InvariantError(f"log of {domain}: {fault}")
