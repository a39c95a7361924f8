"""The steps by which one version takes the place of another; each can be repeated (ADR 15)."""

import asyncio
import logging
from collections.abc import Mapping

from google.protobuf.empty_pb2 import Empty

from angzarr import rpc
from angzarr_coordinator_projector._beside import RUNS, Beside
from angzarr_coordinator_projector._models import Model, Models
from angzarr_coordinator_projector._versions import CATCHING_UP, REBUILDING, SWITCHING, Versions
from angzarr_delivery import Report
from angzarr_ports import Backoff, first_of
from angzarr_progress import Track, Watch
from angzarr_service import CallError
from angzarr_store import ForgetSubscription, InvariantError, StoreUnavailableError

LOOK_SECONDS = 0.02
RETRY = Backoff(longest_seconds=5.0)
ANSWERS = "the logic switches"
SWITCHED = "rebuild.switched"

_LOG = logging.getLogger("angzarr.rebuild")


class Steps:
    """What is done while neither version runs, and what is left to do afterwards."""

    def __init__(
        self, versions: Versions, models: Models, watch: Watch, beside: Beside, report: Report
    ) -> None:
        self._versions = versions
        self._models = models
        self._watch = watch
        self._beside = beside
        self._report = report
        self._ledger = models.ports.store.ledger
        self._system = models.ports.system

    async def catch_up(self) -> None:
        """Bring both versions to the same place.

        The live one finishes first what it may have begun, which no row says: logic may have done
        an event whose result was not stored, and readers have seen it. Then the other follows. If
        that one parks an event, or its log cannot be right, the live one goes on.
        """
        goals = {it: await self._head(it) for it in self._models.domains}
        live = self._models.live(
            self._versions.live, self._watch.track, self._report, goals.__getitem__
        )
        await _finish(live, self._watch.track, goals)
        goals = {it: self._watch.track.position(it) for it in self._models.domains}
        try:
            await _finish(self._beside.model(goals.__getitem__), self._beside.track, goals)
        except* InvariantError as errors:
            await self._beside.fail(RUNS, str(first_of(errors)))
            await self._versions.move(CATCHING_UP, REBUILDING)
        else:
            is_whole = not await self._beside.parked()
            await self._versions.move(CATCHING_UP, SWITCHING if is_whole else REBUILDING)

    async def switch(self) -> None:
        """Let the author's model beside become the read model, then record that it is."""
        if not self._versions.current.speculative:
            await self._switch_logic()
        self._system.faults.at("Q17")
        await self._versions.switched()
        _LOG.info(SWITCHED, extra={"subscriber": self._versions.live})

    async def forget(self) -> None:
        """Remove the rows of retired versions, once nobody is answered from them."""
        while not all(map(self._is_live, self._models.domains)):
            await self._system.clock.sleep(LOOK_SECONDS)
        while self._versions.current.retired:
            version = self._versions.current.retired[0]
            name = self._versions.subscriber(version)
            for domain in self._models.domains:
                lease = await self._ledger.acquire(name, domain)
                await self._ledger.commit(lease, [ForgetSubscription()])
            await self._versions.forgotten(version)

    async def _head(self, domain: str) -> int:
        """Return a position behind everything that the live version may have begun."""
        attempt = 0
        while True:
            try:
                return (await self._watch.feeds[domain].read(0, b"", 1)).head
            except StoreUnavailableError:
                attempt += 1
                await self._system.clock.sleep(RETRY.seconds(attempt, self._system.randomness))

    async def _switch_logic(self) -> None:
        attempt = 0
        while True:
            try:
                await self._models.logic().ask(rpc.ReadModel.Switch, Empty())
            except CallError as error:
                attempt += 1
                await self._beside.fail(ANSWERS, error.status.message)
                await self._system.clock.sleep(RETRY.seconds(attempt, self._system.randomness))
            else:
                return await self._beside.hear(ANSWERS, "")

    def _is_live(self, domain: str) -> bool:
        lease = self._watch.track.lease(domain)
        return lease is not None and lease.subscriber == self._versions.live


async def _finish(model: Model, track: Track, goals: Mapping[str, int]) -> None:
    """Let a subscription work until it has reached its goals."""
    if all(track.position(domain) >= goal for domain, goal in goals.items()):
        return
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(model.run(stop))
        for domain, goal in goals.items():
            with track.watching(domain, goal) as moved:
                while track.position(domain) < goal:
                    moved.clear()
                    await track.news(domain, moved)
        stop.set()
