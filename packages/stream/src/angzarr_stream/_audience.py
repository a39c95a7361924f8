"""Everybody who wants events, and the domains that are followed for them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from angzarr.feed_pb2 import HeadResponse
from angzarr.types_pb2 import EventBook, EventStreamFilter
from angzarr_feed import RemoteFeed
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import RequestError
from angzarr_store import PositionPastHeadError, StoreUnavailableError
from angzarr_stream._hub import Hub
from angzarr_stream._lane import Lane
from angzarr_stream._projections import Offered, Projections

RETRY_SECONDS = 0.5


class Subscription:
    """What one caller gets: one lane per domain, and what projectors offer."""

    def __init__(self, wanted: EventStreamFilter) -> None:
        self.lanes: dict[str, Lane] = {}
        self.offered = Offered(wanted, self.wake)
        self._moved = asyncio.Event()

    def wake(self) -> None:
        """Look at the lanes."""
        self._moved.set()

    async def books(self) -> AsyncIterator[EventBook]:
        """Yield what is wanted, per domain in the order of positions, for ever."""
        parts: list[Lane | Offered] = [*self.lanes.values(), self.offered]
        while True:
            self._moved.clear()
            for part in parts:
                async for book in part.take():
                    yield book
            all_live = all(lane.is_live for lane in self.lanes.values())
            with suppress(TimeoutError):
                async with asyncio.timeout(None if all_live else RETRY_SECONDS):
                    await self._moved.wait()


class Audience:
    """The subscriptions of one process; a domain that nobody wants is not followed."""

    def __init__(self, replicas: Replicas, projections: Projections, system: System) -> None:
        self._projections = projections
        self._replicas = replicas
        self._system = system
        self._hubs: dict[str, Hub] = {}

    @asynccontextmanager
    async def subscribed(self, wanted: EventStreamFilter) -> AsyncIterator[Subscription]:
        """Register a caller while the body runs: what is appended from now on is brought.

        Raises:
            NoRouteError: nobody owns the domain.
            RequestError: UPSTREAM_UNAVAILABLE.
            PositionPastHeadError: the log is shorter than `after_position`.
        """
        heads = await self._heads(self._logs(wanted))
        subscription = Subscription(wanted)
        self._projections.add(subscription.offered)
        try:
            for domain, head in heads.items():
                self._join(domain, head, wanted, subscription)
            yield subscription
        finally:
            self._projections.remove(subscription.offered)
            for domain, lane in subscription.lanes.items():
                self._leave(domain, lane)

    def _logs(self, wanted: EventStreamFilter) -> list[str]:
        """Return the domains whose logs are followed; what projectors offer is in none."""
        if not wanted.domain:
            return self._replicas.discovery.domains()
        if wanted.domain not in self._projections.domains:
            return [wanted.domain]
        if wanted.HasField("after_position"):
            text = f"Domain {wanted.domain} has no positions"
            raise RequestError("INVALID_ARGUMENT", text, field="after_position")
        return []

    def _join(
        self,
        domain: str,
        head: HeadResponse,
        wanted: EventStreamFilter,
        subscription: Subscription,
    ) -> None:
        after = wanted.after_position if wanted.HasField("after_position") else head.position
        if after > head.position:
            raise PositionPastHeadError(domain, after, head.position)
        lane = subscription.lanes[domain] = Lane(
            wanted, self._feed(domain), after, subscription.wake
        )
        if domain not in self._hubs:
            self._hubs[domain] = Hub(domain, self._feed(domain), head, self._system)
        self._hubs[domain].add(lane)

    def _leave(self, domain: str, lane: Lane) -> None:
        hub = self._hubs[domain]
        hub.remove(lane)
        if hub.is_idle:
            self._hubs.pop(domain).close()

    async def _heads(self, domains: Iterable[str]) -> dict[str, HeadResponse]:
        try:
            async with asyncio.TaskGroup() as group:
                asked = {it: group.create_task(self._head(it)) for it in domains}
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return {domain: task.result() for domain, task in asked.items()}

    async def _head(self, domain: str) -> HeadResponse:
        self._replicas.discovery.route(domain)
        try:
            return await self._feed(domain).head()
        except StoreUnavailableError as error:
            text = f"Service for domain {domain} is unavailable"
            raise RequestError("UPSTREAM_UNAVAILABLE", text) from error

    def _feed(self, domain: str) -> RemoteFeed:
        return RemoteFeed(domain, self._replicas)
