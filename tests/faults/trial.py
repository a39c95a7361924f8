"""One run: a system, clients, faults, rest, and the verdict of the history checker."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from angzarr_history import Violation, check, to_lines

from .clients import Customer, Workload
from .nemesis import Nemesis
from .process import until
from .proxy import Proxy
from .system import System
from .witness import PROJECTOR, SAGA, Witness

SHOWN = 20


class Trial:
    """A running system behind a proxy, and everything that is written down about it."""

    def __init__(self, system: System, *, seed: int, roots: int) -> None:
        self.system = system
        self.proxy = Proxy(system.port)
        self.seed = seed
        self._roots = roots
        self.chance = random.Random(seed)
        self.load = Workload(address="", roots=roots, chance=random.Random(seed + 1))
        self.witness = Witness(system, self.load.history)
        self.nemesis = Nemesis(system, self.proxy, self._in_flight)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run system and proxy beside the body; afterwards everything has ended."""
        await self.proxy.start()
        self.load.address = self.proxy.address
        await self.system.start()
        try:
            yield
        finally:
            await self.proxy.aclose()
            await self.system.aclose()

    @asynccontextmanager
    async def loaded(self, clients: int, *, commands: int = 0) -> AsyncIterator[None]:
        """Run clients beside the body until it ends, or until each has sent so many commands."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.witness.run(stop))
            async with asyncio.TaskGroup() as working:
                for number in range(clients):
                    name = f"c{number}"
                    working.create_task(Customer(name, self.load).run(commands=commands))
                yield
                self.load.stopping = not commands
            stop.set()

    async def under_faults(self, rounds: int) -> None:
        """Let the nemesis do its schedule, each step once something was accepted meanwhile."""
        for step in self.nemesis.terrain.schedule(self.chance, rounds):
            await self.progress(3)
            await self.nemesis.strike(step)
        self.nemesis.heal()
        await self.progress(10)

    async def progress(self, count: int) -> None:
        """Wait until so many more commands were accepted; there is no hurry while some are."""
        goal = self.load.accepted + count
        while self.load.accepted < goal:
            await until(partial(self._has_accepted, self.load.accepted + 1))

    async def verdict(self) -> list[Violation]:
        """Heal, come to rest, stop, and check everything."""
        is_quiet = await self.witness.settled()
        code = await self.system.stop()
        assert code == 0, self.system.output
        await asyncio.to_thread(self.witness.finish, is_quiet=is_quiet)
        return await asyncio.to_thread(check, self.load.history)

    def told(self, violations: list[Violation], keep: Path | None = None) -> str:
        """Return what a failure shows; the history is kept in a file."""
        if keep is not None and violations:
            keep.write_text("\n".join(to_lines(self.load.history)), encoding="utf-8")
        shown = "\n".join(str(it) for it in violations[:SHOWN])
        return f"seed {self.seed}: {len(violations)} violations, history in {keep}\n{shown}"

    async def _has_accepted(self, goal: int) -> bool:
        return self.load.accepted >= goal

    def _in_flight(self) -> dict[str, int]:
        lag = {"reaction": self.witness.lag[SAGA], "projection": self.witness.lag[PROJECTOR]}
        return {**{it: self.load.in_flight[it] for it in ("command", "repeat", "read")}, **lag}
