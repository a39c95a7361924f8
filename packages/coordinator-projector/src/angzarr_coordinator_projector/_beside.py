"""The version that is built beside the live one: where it stands, and what hinders it."""

import asyncio
import logging
from collections import deque

from angzarr_coordinator_projector._models import Ends, Model, Models
from angzarr_coordinator_projector._versions import Versions
from angzarr_progress import Track
from angzarr_store import (
    OPEN_LETTERS,
    InvariantError,
    LetterQuery,
    StoreUnavailableError,
    UnknownOutcomeError,
)

PAUSE_SECONDS = 1.0
SAMPLE_SECONDS, SAMPLES = 1.0, 10
HINDERED = "rebuild.hindered"
RUNS = "it runs"

_LOG = logging.getLogger("angzarr.rebuild")


class Beside:
    """Runs without a say in how the component is: what goes wrong here is only told.

    `track` says where it stands.
    """

    def __init__(self, versions: Versions, models: Models) -> None:
        self._versions = versions
        self._models = models
        self._clock = models.ports.system.clock
        self.begin()

    def begin(self) -> None:
        """Forget where another one stood."""
        self.track = Track()
        self._faults: dict[str, str] = {}
        self._samples = deque([(self._clock.monotonic(), 0)], maxlen=SAMPLES)

    def model(self, ends: Ends) -> Model:
        """Return its subscription, over logs that end where `ends` says."""
        name, record = self._versions.beside, self._versions.current
        return self._models.beside(name, record, self.track, self.hear, ends)

    async def keep(self, model: Model, stop: asyncio.Event) -> None:
        """Let it work until `stop`; a log that cannot be right ends it and nobody else.

        Raises:
            FencedError: another process has taken the subscription.
        """
        while not stop.is_set():
            try:
                await model.run(stop)
            except (StoreUnavailableError, UnknownOutcomeError):
                await self._clock.sleep(PAUSE_SECONDS)
            except InvariantError as error:
                await self.fail(RUNS, str(error))
                await stop.wait()

    async def hear(self, condition: str, fault: str) -> None:
        """Take what does not hold, or "" when it does again."""
        self._faults[condition] = fault

    async def fail(self, condition: str, fault: str) -> None:
        """Take what an operator has to look into."""
        _LOG.warning(HINDERED, extra={"reason": fault})
        await self.hear(condition, fault)

    @property
    def fault(self) -> str:
        """Return what hinders it, "" without anything."""
        return next((fault for fault in self._faults.values() if fault), "")

    @property
    def done(self) -> int:
        """Return how many events of all logs are behind it."""
        return sum(max(0, self.track.position(domain)) for domain in self._models.domains)

    @property
    def rate(self) -> float:
        """Return how many events it did per second, of late."""
        now, done = self._clock.monotonic(), self.done
        began, before = self._samples[0]
        if now - self._samples[-1][0] >= SAMPLE_SECONDS:
            self._samples.append((now, done))
        return max(0.0, done - before) / max(now - began, 0.001)

    async def parked(self) -> int:
        """Return how many events wait for an operator."""
        wanted = LetterQuery(states=OPEN_LETTERS, subscriber=self._versions.beside)
        return await self._models.ports.store.ledger.count_letters(wanted)
