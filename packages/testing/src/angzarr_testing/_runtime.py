"""A whole system in one event loop: real coordinators, real or simulated sockets, memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from pathlib import Path
from typing import Self, TypeVar

from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import SagaCompensationFailed
from angzarr_client import CommandRouter, ProcessRouter, SagaRouter, StateRouter
from angzarr_service import Channels
from angzarr_simulation import Chances, Failures, SimulatedLoop, run
from angzarr_testing._assembly import Assembly
from angzarr_testing._ground import Ground, machine, simulated
from angzarr_testing._host import Host
from angzarr_testing._member import AnyRouter, Member
from angzarr_testing._world import World

ResultT = TypeVar("ResultT")


class RuntimeBuilder:
    """Collects the routers of a system; each `start` begins a new one with empty stores.

    `seed` and `faults` are for `simulate`; without faults nothing is lost there, only late.
    """

    def __init__(self, *, seed: int = 0, faults: Chances | None = None) -> None:
        self._seed = seed
        self._faults = faults or Chances()
        self._routers: dict[str, AnyRouter] = {}

    def add(self, *routers: AnyRouter) -> Self:
        """Take routers into the system; return itself.

        Raises:
            ValueError: there is a component of that name.
        """
        for router in routers:
            if router.name in self._routers:
                raise ValueError(f'there are two components named "{router.name}".')
            self._routers[router.name] = router
        return self

    @asynccontextmanager
    async def start(self) -> AsyncIterator[World]:
        """Run the system beside the body, which begins when every component is ready.

        For each router its logic is served on a socket of its own and its coordinator works as in
        production, but an event that fails three times is parked. Stores are in memory. With a
        saga or process manager there is also angzarr.saga-failures, as in production.

        Raises:
            ValueError: a subscriber reads a domain that no router owns.
            BaseExceptionGroup: a component died; it interrupts the body and is raised at the end.
            TimeoutError: a component was not ready, or did not end, in ten seconds.
        """
        failures = Failures()
        async with self._running(failures, machine(failures)) as world:
            yield world

    def simulate(self, scenario: Callable[[World], Awaitable[ResultT]]) -> ResultT:
        """Return what `scenario(world)` returns in a system that the seed orders.

        There are no sockets and no threads; time jumps to when something happens, so that waiting
        costs none, and the same seed gives the same run. Calls, frames and writes fail as the
        faults of the builder say, from the start of the scenario until `faults.heal()`.

        Raises:
            ValueError, BaseExceptionGroup, TimeoutError: as of `start`.
            StuckError: the scenario can never end.
        """

        async def body(loop: SimulatedLoop) -> ResultT:
            failures = Failures()
            ground = simulated(loop, failures)
            async with self._running(failures, ground) as world:
                return await scenario(world)

        return run(self._seed, body)

    @asynccontextmanager
    async def _running(
        self, failures: Failures, ground: AbstractAsyncContextManager[Ground]
    ) -> AsyncIterator[World]:
        async with (
            failures.raised(),
            ground as place,
            aclosing(place.system.tasks),
            aclosing(Channels(transport=place.system.transport)) as channels,
            AsyncExitStack() as stack,
            failures.interrupting(),
        ):
            assembly = Assembly(
                members=self._members(place.directory),
                gateway=f"unix:{place.directory}/gateway.sock",
                ground=place,
                host=Host(system=place.system, channels=channels),
                stack=stack,
            )
            world = await assembly.start()
            place.begin(self._faults)
            yield world

    def _members(self, directory: Path) -> list[Member]:
        routers = list(self._routers.values())
        if any(isinstance(router, SagaRouter | ProcessRouter) for router in routers):
            routers.append(CommandRouter(FAILURE_DOMAIN, StateRouter(SagaCompensationFailed)))
        members = [
            Member(router=router, directory=directory, number=number)
            for number, router in enumerate(routers)
        ]
        owned = [member.domain for member in members if member.domain]
        for member in members:
            for domain in member.input_domains(owned):
                if domain not in owned:
                    raise ValueError(f'{member.name} reads "{domain}", which no router owns.')
        return members
