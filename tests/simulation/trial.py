"""One seed from its plan to its verdict."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from angzarr import instant
from angzarr_delivery._replays import Replays
from angzarr_history import History, Invoked, Rested, check
from angzarr_log import _snapshots
from angzarr_simulation import SimulatedLoop, StuckError, run

from .clients import Customer
from .dump import Dump
from .nemesis import Nemesis
from .operators import LOST_SECONDS, Operator
from .plan import Plan
from .planted import patched
from .recorder import Recorder
from .sqlite import files
from .system import Shop

REST_SECONDS = 120.0
LOOK_SECONDS = 0.25
SOON_SECONDS = 4.0
ROUNDS = 8


@dataclass(slots=True)
class Verdict:
    """What a seed showed: its trace, what went wrong, and which faults met what."""

    seed: int
    trace: str = ""
    commands: int = 0
    faults: list[str] = field(default_factory=list)
    matrix: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    history: History = field(default_factory=History)


def judge(seed: int) -> Verdict:
    """Run one seed."""
    try:
        return run(seed, lambda loop: Trial(loop, Plan.of(seed)).run())
    except StuckError as error:
        return Verdict(seed=seed, faults=[f"I9 Complete: {error}"])


class Trial:
    """Clients and nemesis, then heal, rest and check."""

    def __init__(self, loop: SimulatedLoop, plan: Plan) -> None:
        self._loop = loop
        self._plan = plan
        self._recorder = Recorder()
        self._shop = Shop(loop, plan, self._recorder)

    async def run(self) -> Verdict:
        """Return the verdict."""
        every = self._plan.features.snapshot_every
        with (
            patched((_snapshots, "EVERY_EVENTS", every or _snapshots.EVERY_EVENTS)),
            files(self._loop, self._recorder, self._plan) as self._shop.directory,
        ):
            await self._live()
        return self._verdict()

    async def _live(self) -> None:
        for name in self._plan.features.names:
            self._shop.start(name)
        await self._shop.sleep(0.1)
        nemesis = self._loop.create_task(Nemesis(self._shop).strike())
        operator = Operator(self._shop)
        work = self._loop.create_task(operator.work())
        customers = [
            self._loop.create_task(Customer(number, self._shop).shop(self._plan.commands))
            for number in range(self._plan.clients)
        ]
        for customer in customers:
            await customer
        nemesis.cancel()
        work.cancel()
        self._shop.heal()
        await self._rest()
        if self._plan.features.has_operator:
            await self._end(operator)
        await Dump(self._shop).write()

    async def _end(self, operator: Operator) -> None:
        """Try letters again until none is left that may succeed; each may lead to others."""
        for _ in range(ROUNDS):
            if not await operator.end():
                return
            await self._shop.sleep(LOST_SECONDS if self._plan.features.has_links else LOOK_SECONDS)
            await self._rest()

    async def _rest(self) -> None:
        until = self._loop.time() + REST_SECONDS
        heads: dict[str, int] = {}
        is_quiet = False
        while not is_quiet and self._loop.time() < until:
            await self._shop.sleep(LOOK_SECONDS)
            is_calm = self._is_calm()
            before, heads = heads, await self._heads()
            is_quiet = is_calm and before == heads and await self._is_quiet(heads)
        now = instant_of(self._now())
        self._recorder.history.add(
            Rested(heads=tuple(sorted(heads.items())), is_quiet=is_quiet, now=now)
        )

    def _is_calm(self) -> bool:
        """Say whether nothing is due; what fires after that moves a head that is read after it."""
        soon = self._now() + timedelta(seconds=SOON_SECONDS)
        return not (self._recorder.is_due or self._recorder.is_armed(instant_of(soon)))

    async def _is_quiet(self, heads: dict[str, int]) -> bool:
        recorder, features = self._recorder, self._plan.features
        if any(recorder.checkpoints.get(it) != heads.get(it[1]) for it in features.places):
            return False
        return not (features.has_operator and await self._is_owed())

    def _now(self) -> datetime:
        return self._shop.client_system("nobody").clock.now()

    async def _is_owed(self) -> bool:
        """Say whether an operator wants a letter tried again that is not yet."""
        for place in self._plan.features.places:
            lease = self._recorder.leases[place]
            if Replays.owed(await self._shop.ledgers[place[0]].backlog(lease)):
                return True
        return False

    async def _heads(self) -> dict[str, int]:
        return {name: (await it.head()).position for name, it in (*self._recorder.logs.items(),)}

    def _verdict(self) -> Verdict:
        recorder = self._recorder
        trace = hashlib.sha256(self._loop.trace.encode())
        for record in recorder.history:
            trace.update(type(record).__name__.encode())
        faults = [str(it) for it in check(recorder.history)] + self._shop.surprises
        return Verdict(
            seed=self._plan.seed,
            trace=trace.hexdigest(),
            commands=sum(isinstance(it, Invoked) for it in recorder.history)
            + len(recorder.reactions),
            faults=faults,
            matrix=recorder.matrix,
            history=recorder.history,
        )


def instant_of(now: datetime) -> str:
    """Return a time as timers have it."""
    stamp = Timestamp()
    stamp.FromDatetime(now)
    return instant(stamp)
