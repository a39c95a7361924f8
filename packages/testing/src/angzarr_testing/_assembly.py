"""Brings the components of a system up, in the order in which they need each other."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from angzarr import FAILURE_DOMAIN
from angzarr_client import Client
from angzarr_discovery_static import StaticDiscovery
from angzarr_service import Ports
from angzarr_testing import _processes as processes
from angzarr_testing._ground import Ground
from angzarr_testing._host import Host
from angzarr_testing._member import Member
from angzarr_testing._settling import Settling, Subscription
from angzarr_testing._watch import WatchedStore
from angzarr_testing._world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The members of a system, where its gateway listens, and what ends with it."""

    members: Sequence[Member]
    gateway: str
    ground: Ground
    host: Host
    stack: AsyncExitStack

    async def start(self) -> World:
        """Start logic, aggregates, subscribers and gateway; `stack` ends them in reverse."""
        system = self.host.system
        discovery = await StaticDiscovery.open(tuple(it.component for it in self.members), system)
        stores = {it.name: await self._store(it.name) for it in self.members}
        ports = partial(Ports, system=system, bus=self.ground.bus, discovery=discovery)
        coordinators = {
            it.name: processes.coordinator(it, ports(store=stores[it.name])) for it in self.members
        }
        owners = [coordinators[it.name] for it in self.members if it.is_aggregate]
        subscribers = [coordinators[it.name] for it in self.members if not it.is_aggregate]
        logic = [processes.logic(it, system) for it in self.members if it.name != FAILURE_DOMAIN]
        gateway = processes.gateway(self.gateway, system, discovery)
        for stage in (logic, owners, subscribers, [gateway]):
            await self.stack.enter_async_context(self.host.stage(stage))
        return await self._world(stores, discovery.domains())

    async def _store(self, name: str) -> WatchedStore:
        store = WatchedStore(await self.ground.store(name))
        self.stack.push_async_callback(store.aclose)
        return store

    async def _world(self, stores: Mapping[str, WatchedStore], owned: Sequence[str]) -> World:
        system = self.host.system
        client = await self.stack.enter_async_context(
            Client(
                self.gateway,
                clock=system.clock,
                randomness=system.randomness,
                transport=system.transport,
            )
        )
        ledgers = {it.name: stores[it.name].ledger for it in self.members}
        subscriptions = [
            Subscription(component=it.name, domain=domain, ledger=ledgers[it.name])
            for it in self.members
            for domain in it.input_domains(owned)
        ]
        return World(client, ledgers, Settling(subscriptions, client.head))
