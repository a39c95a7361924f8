"""Whether anybody has anything left to do, and who."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from angzarr.types_pb2 import RpcStatus
from angzarr_store import Letter
from angzarr_testing._watch import WatchedLedger

HeadOf = Callable[[str], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A component, a domain whose events it reads, and where it notes how far it has come."""

    component: str
    domain: str
    ledger: WatchedLedger

    def lag(self, heads: Mapping[str, int]) -> int:
        """Return how many events of the domain are neither applied nor parked, or owe something."""
        behind = heads.get(self.domain, 0) - self.ledger.position(self.domain)
        return behind + self.ledger.due(self.domain)

    def told(self, heads: Mapping[str, int]) -> str:
        """Return how far it has come, in words."""
        place = f"{self.ledger.position(self.domain)} of {heads[self.domain]}"
        return f"{self.component} lags by {self.lag(heads)} in {self.domain}, at {place}"


class Settling:
    """Compares the checkpoints of all subscriptions with the heads of what they read."""

    def __init__(self, subscriptions: Sequence[Subscription], head_of: HeadOf) -> None:
        self._subscriptions = subscriptions
        self._head_of = head_of
        self._seen: Mapping[str, int] = {}

    async def wait(self) -> None:
        """Return when there was an instant at which every checkpoint stood at its head.

        That nobody lags proves nothing yet: an effect may have moved a head that was read before.
        But heads only grow, so that two equal looks show what they were at all times between,
        which includes the instant at which nobody lagged.
        """
        before: Mapping[str, int] | None = None
        self._seen = {}
        while True:
            heads = self._seen = await self._look()
            lagging = self._lagging(heads)
            if not lagging and heads == before:
                return
            for it in lagging:
                await it.ledger.reached(it.domain, heads[it.domain])
            before = None if lagging else heads

    def report(self, letters: Sequence[Letter]) -> str:
        """Return who has not reached the heads as they were last seen, and what has failed."""
        lagging = [it.told(self._seen) for it in self._lagging(self._seen)]
        failed = [_told(letter) for letter in letters]
        return "\n  ".join([*(lagging or ["nobody lags, but that was not seen twice"]), *failed])

    async def _look(self) -> Mapping[str, int]:
        domains = dict.fromkeys(it.domain for it in self._subscriptions)
        return {domain: await self._head_of(domain) for domain in domains}

    def _lagging(self, heads: Mapping[str, int]) -> list[Subscription]:
        return [it for it in self._subscriptions if it.lag(heads) > 0]


def _told(letter: Letter) -> str:
    why = RpcStatus.FromString(letter.status).message
    return f"{letter.id} {letter.state} after {letter.attempts} attempts, {letter.reason}: {why}"
