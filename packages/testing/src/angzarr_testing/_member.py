"""One component of a system: its router, where its two processes listen, what they are told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from angzarr.types_pb2 import Target
from angzarr_client import CommandRouter, ProcessRouter, ProjectorRouter, SagaRouter
from angzarr_discovery import Component, Interest
from angzarr_settings import ComponentSettings, DeliverySettings, Settings, ShutdownSettings

AnyRouter = CommandRouter | SagaRouter | ProcessRouter | ProjectorRouter

ATTEMPTS = 3
DRAIN_SECONDS = 1.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The component number `number`, whose sockets lie in `directory`."""

    router: AnyRouter
    directory: Path
    number: int

    @property
    def name(self) -> str:
        """Return the component's name; an aggregate's is its domain."""
        return self.router.name

    @property
    def logic(self) -> str:
        """Return where the logic listens; a number keeps the path short whatever the name."""
        return f"unix:{self.directory}/logic-{self.number}.sock"

    @property
    def address(self) -> str:
        """Return where the coordinator listens."""
        return f"unix:{self.directory}/coordinator-{self.number}.sock"

    @property
    def domain(self) -> str:
        """Return the domain that the component owns, "" for a subscriber."""
        is_owner = isinstance(self.router, CommandRouter | ProcessRouter)
        return self.name if is_owner else ""

    @property
    def is_aggregate(self) -> bool:
        """Say whether it runs commands and reads no events."""
        return isinstance(self.router, CommandRouter)

    def input_domains(self, owned: Iterable[str]) -> list[str]:
        """Return the domains, `owned` or not, whose events it reads; an aggregate reads none.

        A process manager reads its own too: for its timeouts.
        """
        if self.is_aggregate:
            return []
        own = [self.domain] if self.domain else []
        return list(dict.fromkeys([*self.router.descriptor.input_domains(owned), *own]))

    @property
    def component(self) -> Component:
        """Return what discovery knows of it."""
        told = self.router.descriptor
        return Component(
            name=self.name,
            kind=self.router.kind,
            domain=self.domain,
            addresses=(self.address,),
            inputs=_interests(told.inputs),
            outputs=_interests(told.outputs),
            asynchronous=told.asynchronous,
        )

    @property
    def settings(self) -> Settings:
        """Return what its coordinator is told; it fails, polls and ends faster than in production.

        A poll moves the checkpoint over events that nobody wanted, which `settled` waits for.
        """
        return Settings(
            listen=self.address,
            component=ComponentSettings(name=self.name, domain=self.domain, logic=self.logic),
            delivery=DeliverySettings(attempts=ATTEMPTS, poll_seconds=POLL_SECONDS),
            shutdown=ShutdownSettings(drain_seconds=DRAIN_SECONDS),
        )


def _interests(targets: Sequence[Target]) -> tuple[Interest, ...]:
    return tuple(Interest(domain=it.domain, types=tuple(it.types)) for it in targets)
