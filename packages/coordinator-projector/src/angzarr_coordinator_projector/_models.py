"""The subscriptions of a projector: the live one, and one that builds a read model beside it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from angzarr.rebuild_pb2 import ProjectorVersions
from angzarr.types_pb2 import EventBook
from angzarr_coordinator_projector._output import Output
from angzarr_coordinator_projector._projector import Projector
from angzarr_coordinator_projector._until import Until
from angzarr_delivery import Policy, Report, Subscriber
from angzarr_ports import Metric, MetricKind
from angzarr_progress import Track
from angzarr_reaction import REBUILD, SPECULATIVE, Interest, Logic, Metadata, Upcasting
from angzarr_reader import Source
from angzarr_replicas import Replicas
from angzarr_service import Channels, Ports
from angzarr_settings import Settings
from angzarr_upcaster import Upcaster

BESIDE_POLL_SECONDS = 0.2
DURATION = Metric(
    name="angzarr_projector_duration_seconds",
    help="How long one attempt to project an event took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)

Ends = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One subscription that can run, and its name."""

    name: str
    subscriber: Subscriber
    handler: Upcasting
    drain_seconds: float

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; see `Subscriber.run`."""
        await self.subscriber.run(self.handler, stop, drain_seconds=self.drain_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Makes subscriptions over the same logs.

    `ends` says of a domain where its log ends for the subscription; it then needs no bus.
    """

    settings: Settings
    ports: Ports
    channels: Channels
    replicas: Replicas
    interest: Interest
    sources: Sequence[Source]

    @property
    def domains(self) -> list[str]:
        """Return the domains whose logs are read."""
        return [it.domain for it in self.sources]

    def live(self, name: str, track: Track, report: Report, ends: Ends | None = None) -> Model:
        """Return the subscription whose read model is in use; its metrics are the component's."""
        handler = self._handler((), self._output())
        policy = self._policy(handler, track, report)
        policy = replace(policy, component=self.settings.component.name)
        return self._model(name, handler, policy, ends)

    def beside(
        self, name: str, record: ProjectorVersions, track: Track, report: Report, ends: Ends
    ) -> Model:
        """Return the subscription that builds a read model: logic is told so, nobody else is."""
        metadata = SPECULATIVE if record.speculative else REBUILD
        handler, first = self._handler(metadata, None), record.from_position
        policy = self._policy(handler, track, report)

        def wants(book: EventBook) -> bool:
            return book.pages[0].position >= first and handler.may_want(book)

        return self._model(name, handler, replace(policy, wants=wants), ends)

    def logic(self, metadata: Metadata = ()) -> Logic:
        """Return the author's logic, told `metadata` with every call."""
        settings = self.settings
        return Logic(
            settings.component.logic,
            self.channels,
            self.ports.system.faults,
            timeout_seconds=settings.logic_deadline,
            metadata=metadata,
        )

    def _model(self, name: str, handler: Upcasting, policy: Policy, ends: Ends | None) -> Model:
        sources = self.sources
        if ends is not None:
            policy = replace(policy, poll_seconds=min(policy.poll_seconds, BESIDE_POLL_SECONDS))
            sources = [_ending(it, ends) for it in sources]
        ledger, system = self.ports.store.ledger, self.ports.system
        return Model(
            name=name,
            subscriber=Subscriber(name, sources, ledger, policy, system),
            handler=handler,
            drain_seconds=self.settings.shutdown.drain_seconds,
        )

    def _handler(self, metadata: Metadata, output: Output | None) -> Upcasting:
        component = self.settings.component
        inner = Projector(
            name=component.name,
            logic=self.logic(metadata),
            service=component.projector_service,
            faults=self.ports.system.faults,
            output=output,
        )
        upcaster = Upcaster(component.upcaster, self.channels)
        return Upcasting(inner=inner, upcaster=upcaster, wants=self.interest.wants)

    def _output(self) -> Output | None:
        shown = Output(bus=self.ports.bus, clock=self.ports.system.clock)
        return shown if self.settings.component.stream_output else None

    def _policy(self, handler: Upcasting, track: Track, report: Report) -> Policy:
        delivery = self.settings.delivery
        return Policy(
            wants=handler.may_want,
            report=report,
            stands_by=track.stand_by,
            begun=track.begun,
            stored=track.stored,
            duration=DURATION,
            attempts=delivery.attempts,
            poll_seconds=delivery.poll_seconds,
            window=delivery.window,
        )


def _ending(source: Source, ends: Ends) -> Source:
    feed = Until(feed=source.feed, end=lambda: ends(source.domain))
    return Source(domain=source.domain, feed=feed, bus=None)
