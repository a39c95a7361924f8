"""One seed from its plan to its verdict."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from angzarr.types_pb2 import EventPage, Projection
from angzarr_history import (
    Compared,
    Dumped,
    History,
    Invoked,
    Leased,
    Rested,
    Wanted,
    check,
)
from angzarr_simulation import SimulatedLoop, StuckError, run
from angzarr_store import MAIN_EDITION, Event, LetterState, RootKey

from .clients import Customer
from .nemesis import Nemesis
from .plan import Plan
from .recorder import Recorder
from .shop_logic import DONE, Order, root_of
from .sqlite import files
from .system import NAMES, READS, Shop

REST_SECONDS = 120.0
LOOK_SECONDS = 0.5


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
        with files(self._loop, self._recorder, self._plan) as self._shop.directory:
            await self._live()
        return self._verdict()

    async def _live(self) -> None:
        for name in NAMES:
            self._shop.start(name)
        await self._shop.sleep(0.1)
        nemesis = self._loop.create_task(Nemesis(self._shop).strike())
        customers = [
            self._loop.create_task(Customer(number, self._shop).shop(self._plan.commands))
            for number in range(self._plan.clients)
        ]
        for customer in customers:
            await customer
        nemesis.cancel()
        self._shop.heal()
        await self._rest()
        await self._dump()

    async def _rest(self) -> None:
        until = self._loop.time() + REST_SECONDS
        heads: dict[str, int] = {}
        is_quiet = False
        while not is_quiet and self._loop.time() < until:
            await self._shop.sleep(LOOK_SECONDS)
            before, heads = heads, await self._heads()
            places = [(name, domain) for name, domain in READS.items()]
            done = [self._recorder.checkpoints.get(it) == heads.get(it[1]) for it in places]
            is_quiet = before == heads and all(done) and not self._recorder.is_due
        self._recorder.history.add(Rested(heads=tuple(sorted(heads.items())), is_quiet=is_quiet))

    async def _heads(self) -> dict[str, int]:
        return {name: (await it.head()).position for name, it in self._recorder.logs.items()}

    async def _dump(self) -> None:
        history = self._recorder.history
        anywhere = RootKey(edition=MAIN_EDITION, root=root_of(0))
        asked = {it.command_id: it.key for it in history if isinstance(it, Invoked)}
        asked |= dict.fromkeys(self._recorder.reactions, anywhere)
        for domain, log in self._recorder.logs.items():
            page = await log.read_feed(after=0, limit=10**9, limit_bytes=10**12)
            ids = asked | {it.command_id: it.key for it in page.events}
            found = [
                (await log.recall(id_, key))[0]
                for id_, key in sorted(ids.items(), key=lambda it: it[0])
            ]
            rows = tuple(it.row for it in found if it is not None)
            history.add(Dumped(domain=domain, events=page.events, commands=rows))
            history.extend(_wanted(domain, page.events))
            if domain == "stock":
                await self._project(page.events)
        for subscriber, domain in READS.items():
            ledger = self._shop.ledgers[subscriber]
            lease = await ledger.acquire(subscriber, domain)
            history.add(Leased(lease=lease, backlog=await ledger.backlog(lease)))

    async def _project(self, events: tuple[Event, ...]) -> None:
        ledger = self._shop.ledgers["projector"]
        lease = await ledger.acquire("projector", "stock")
        letters = (await ledger.backlog(lease)).letters
        parked = {it.position for it in letters if it.state is not LetterState.RETRYING}
        last: dict[RootKey, Event] = {}
        for event in events:
            if _value(event) is not None and event.position not in parked:
                last[event.key] = event
        for key, event in last.items():
            found = await ledger.projection(lease, key)
            shown = Projection.FromString(found[1]).projection.value if found else b""
            what = f"projector/{key.root.hex()}"
            self._recorder.history.add(
                Compared(what=what, live=shown, rebuilt=_value(event) or b"")
            )

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


def _value(event: Event) -> bytes | None:
    page = EventPage.FromString(event.page or b"")
    return page.event.value if page.event.type_url == DONE else None


def _wanted(domain: str, events: tuple[Event, ...]) -> Iterator[Wanted]:
    for subscriber, reads in READS.items():
        for event in events if reads == domain else ():
            value = _value(event)
            if value is not None:
                commands = Order.decode(value).fanout if subscriber == "saga" else None
                yield Wanted(
                    subscriber=subscriber,
                    domain=domain,
                    position=event.position,
                    key=event.key,
                    sequence=event.sequence,
                    commands=commands,
                )
