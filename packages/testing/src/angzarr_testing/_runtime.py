"""A whole system in one event loop: real coordinators, real sockets, stores in memory."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Self

from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import SagaCompensationFailed
from angzarr_client import CommandRouter, SagaRouter, StateRouter
from angzarr_ports import real_system
from angzarr_service import Channels
from angzarr_testing._assembly import Assembly
from angzarr_testing._failures import Failures
from angzarr_testing._host import Host, private_directory
from angzarr_testing._member import AnyRouter, Member
from angzarr_testing._world import World


class RuntimeBuilder:
    """Collects the routers of a system; each `start` begins a new one with empty stores."""

    def __init__(self) -> None:
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
        saga there is also angzarr.saga-failures, as in production.

        Raises:
            ValueError: a saga or projector reads a domain that no router owns.
            BaseExceptionGroup: a component died; it interrupts the body and is raised at the end.
            TimeoutError: a component was not ready, or did not end, in ten seconds.
        """
        failures = Failures()
        system = real_system(failures.note)
        async with (
            failures.raised(),
            private_directory(system.threads) as directory,
            aclosing(system.tasks),
            aclosing(Channels()) as channels,
            AsyncExitStack() as stack,
            failures.interrupting(),
        ):
            assembly = Assembly(
                members=self._members(directory),
                gateway=f"unix:{directory}/gateway.sock",
                host=Host(system=system, channels=channels),
                stack=stack,
            )
            yield await assembly.start()

    def _members(self, directory: Path) -> list[Member]:
        routers = list(self._routers.values())
        if any(isinstance(router, SagaRouter) for router in routers):
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
