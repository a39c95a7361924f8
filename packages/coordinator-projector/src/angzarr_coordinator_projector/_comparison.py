"""Whether two versions of a read model say the same of every root."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from google.protobuf.empty_pb2 import Empty

from angzarr import rpc
from angzarr.rebuild_pb2 import RebuildComparison
from angzarr.types_pb2 import Projection
from angzarr_coordinator_projector._models import Models
from angzarr_progress import Track
from angzarr_service import CallError, RequestError
from angzarr_store import MAIN_EDITION, Lease, RootKey

PAGE_ROOTS, SHOWN_ROOTS = 200, 20
ROUNDS, PAUSE_SECONDS = 100, 0.05

Seen = dict[int, tuple[str, bytes]]


@dataclass(slots=True, kw_only=True)
class Root:
    """What both versions were seen to say of a root, by the sequence of its last event."""

    key: RootKey
    live: Seen = field(default_factory=dict)
    rebuilt: Seen = field(default_factory=dict)

    @property
    def common(self) -> int | None:
        """Return the newest sequence at which both were seen."""
        return max(self.live.keys() & self.rebuilt.keys(), default=None)

    @property
    def verdict(self) -> str:
        """Return which number of the answer counts it, "" for a root that neither knows."""
        if self.common is not None:
            is_equal = self.live[self.common] == self.rebuilt[self.common]
            return "equal" if is_equal else "different"
        if self.live and self.rebuilt:
            return "behind"
        return "only_live" if self.live else "only_rebuilt" if self.rebuilt else ""


class Comparison:
    """Walks the roots of main of every log, some at a time.

    The payload's bytes are compared as they are stored (reliability.md §11), where both versions
    stand at the same event; a root that moves is looked at again for a while.
    """

    def __init__(self, models: Models, live: Track, rebuilt: Track) -> None:
        self._models = models
        self._live = live
        self._rebuilt = rebuilt
        self._ledger = models.ports.store.ledger
        self._clock = models.ports.system.clock
        self._found = RebuildComparison()

    async def result(self, seconds: float) -> RebuildComparison:
        """Return how many roots agree; reading them may take so long.

        Raises:
            RequestError: NOT_READY or UPSTREAM_UNAVAILABLE.
        """
        for domain in self._models.domains:
            page: list[Root] = []
            async for root in self._roots(domain, seconds):
                page.append(Root(key=RootKey(edition=MAIN_EDITION, root=root)))
                if len(page) == PAGE_ROOTS:
                    await self._judge(domain, page)
                    page = []
            await self._judge(domain, page)
        return self._found

    async def _roots(self, domain: str, seconds: float) -> AsyncIterator[bytes]:
        replicas = self._models.replicas
        owner, method = replicas.discovery.route(domain), rpc.EventQuery.GetAggregateRoots
        roots = replicas.stream(owner, method, Empty(), timeout_seconds=seconds)
        try:
            async for it in roots:
                yield it.root.value
        except CallError as error:
            text = f"Service for domain {domain} is unavailable"
            raise RequestError("UPSTREAM_UNAVAILABLE", text) from error

    async def _judge(self, domain: str, page: list[Root]) -> None:
        leases = _lease(self._live, domain), _lease(self._rebuilt, domain)
        waiting = page
        for at in range(ROUNDS):
            if at:
                await self._clock.sleep(PAUSE_SECONDS)
            for root in waiting:
                await self._look(leases, root)
            waiting = [it for it in waiting if it.verdict not in {"", "equal", "different"}]
            if not waiting:
                break
        for root in page:
            self._count(domain, root)

    async def _look(self, leases: tuple[Lease, Lease], root: Root) -> None:
        for lease, seen in zip(leases, (root.live, root.rebuilt), strict=True):
            found = await self._ledger.projection(lease, root.key)
            if found is not None:
                payload = Projection.FromString(found[1]).projection
                seen[found[0]] = payload.type_url, payload.value

    def _count(self, domain: str, root: Root) -> None:
        if not root.verdict:
            return
        setattr(self._found, root.verdict, getattr(self._found, root.verdict) + 1)
        if root.verdict != "equal" and len(self._found.differences) < SHOWN_ROOTS:
            shown = self._found.differences.add(
                live_sequence=_newest(root.live), rebuilt_sequence=_newest(root.rebuilt)
            )
            shown.cover.address(domain, root.key.root)


def _newest(seen: Mapping[int, object]) -> int | None:
    return max(seen, default=None)


def _lease(track: Track, domain: str) -> Lease:
    lease = track.lease(domain)
    if lease is None:
        raise RequestError("NOT_READY", f"Not ready: the subscription of {domain} has not begun")
    return lease
