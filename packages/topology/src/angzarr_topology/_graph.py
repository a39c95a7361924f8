"""What is declared and what was observed (operations.md §3)."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from angzarr import type_name
from angzarr.progress_pb2 import ComponentProgress
from angzarr.types_pb2 import ComponentDescriptor, EventBook, EventPage
from angzarr_topology._causes import Causes
from angzarr_topology._traffic import Seen, Traffic

SILENT_SECONDS = 90.0
WAITING_EVENTS = 100_000
OWNERS = frozenset({"aggregate", "process_manager"})
SENDERS = frozenset({"saga", "process_manager"})

Pair = tuple[str, str]
KeyT = TypeVar("KeyT", str, Pair)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component as it describes itself; `domain` is the one that it owns, or reads first."""

    descriptor: ComponentDescriptor
    domain: str
    heard_at: float

    @property
    def name(self) -> str:
        """Return its name."""
        return self.descriptor.name

    @property
    def kind(self) -> str:
        """Return its kind."""
        return self.descriptor.component_type

    def reads(self, domain: str, type_url: str) -> bool:
        """Say whether it handles an event of another; what an aggregate takes are commands."""
        is_others = self.kind != "aggregate" and domain != self.owns
        return is_others and self.descriptor.reads(domain, type_url)

    @property
    def owns(self) -> str:
        """Return the domain that it owns, or ""."""
        return self.domain if self.kind in OWNERS else ""


@dataclass(slots=True)
class Handling:
    """How far a component has come with one domain: events wait until its checkpoint has passed."""

    waiting: deque[Seen] = field(default_factory=lambda: deque(maxlen=WAITING_EVENTS))
    lag: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A pair of components; `is_call` for commands, else events."""

    source: str
    target: str
    is_call: bool
    types: tuple[str, ...]
    is_declared: bool
    traffic: Traffic
    parked: int


class Graph:
    """Components that were heard of lately, and the traffic between them.

    Counters come from handled events only; a descriptor changes none (reliability.md N50).
    """

    def __init__(self) -> None:
        self._components: dict[str, Component] = {}
        self._nodes: dict[str, Traffic] = {}
        self._edges: dict[Pair, Traffic] = {}
        self._handlings: dict[Pair, Handling] = {}
        self._causes = Causes()

    def hear(self, descriptor: ComponentDescriptor, domain: str, now: float) -> None:
        """Take what a component says; `domain` is the one it owns, "" if that is not known."""
        name, inputs = descriptor.name, descriptor.inputs
        known = self._components.get(name)
        first = inputs[0].domain if inputs else name
        if descriptor.component_type == "process_manager":
            first = name
        domain = domain or (known.domain if known else first)
        self._components[name] = Component(descriptor=descriptor, domain=domain, heard_at=now)

    def heard(self, name: str, now: float) -> None:
        """Note that a component still tells what it told."""
        if (known := self._components.get(name)) is not None:
            self.hear(known.descriptor, known.domain, now)

    def expire(self, now: float) -> None:
        """Forget components that have been silent for 90 s, with all that was counted of them."""
        alive = {it.name for it in self._components.values() if now - it.heard_at < SILENT_SECONDS}
        self._components = {name: it for name, it in self._components.items() if name in alive}
        self._nodes = {name: it for name, it in self._nodes.items() if name in alive}
        self._edges = {pair: it for pair, it in self._edges.items() if alive.issuperset(pair)}
        self._handlings = {pair: it for pair, it in self._handlings.items() if pair[0] in alive}

    def read(self, book: EventBook, now: float) -> None:
        """Take an append of a log; it counts for its owner at once."""
        domain = book.cover.domain
        for page in book.pages:
            seen = Seen(
                position=page.position,
                edition=book.cover.edition_name,
                type_name=type_name(page.event.type_url),
                correlation_id=book.cover.correlation_id,
                at=page.created_at.ToDatetime().timestamp(),
            )
            self._count(self._nodes, self._owner(domain), seen, now)
            self._explain(domain, page, seen, now)
            for it in self._components.values():
                if it.reads(domain, page.event.type_url):
                    self._handling(it.name, domain).waiting.append(seen)
                    self._expect(it, book, page, now)
                elif it.owns == domain:
                    self._expect(it, book, page, now)

    def progress(self, entry: ComponentProgress, now: float) -> None:
        """Count what a component has handled of a domain, up to its checkpoint."""
        name, domain = entry.component, entry.domain
        if name not in self._components:
            return
        handling = self._handling(name, domain)
        handling.lag = max(0, entry.head - entry.position)
        handling.parked = entry.parked
        while handling.waiting and handling.waiting[0].position <= entry.position:
            seen = handling.waiting.popleft()
            self._count(self._edges, (self._owner(domain), name), seen, now)
            if self._components[name].kind != "process_manager":
                self._count(self._nodes, name, seen, now)

    def components(self) -> list[Component]:
        """Return every component by name."""
        return [it for _, it in sorted(self._components.items())]

    def traffic(self, name: str) -> Traffic:
        """Return what a component has recorded or handled."""
        return self._nodes.get(name, Traffic())

    def condition(self, name: str) -> tuple[int, int]:
        """Return how many events a component is behind, and how many it has parked."""
        its = [it for (component, _), it in self._handlings.items() if component == name]
        return sum(it.lag for it in its), sum(it.parked for it in its)

    def edges(self) -> list[Edge]:
        """Return every edge between components that are there, by source and target."""
        declared = dict(self._declared())
        observed = {pair for pair in self._edges if self._components.keys() >= {*pair}}
        pairs = sorted({*declared, *observed})
        return [self._edge(pair, declared.get(pair)) for pair in pairs]

    def _edge(self, pair: Pair, types: tuple[str, ...] | None) -> Edge:
        source, target = pair
        source_domain = self._components[source].domain
        handling = self._handlings.get((target, source_domain), Handling())
        return Edge(
            source=source,
            target=target,
            is_call=self._components[target].kind == "aggregate",
            types=types or (),
            is_declared=types is not None,
            traffic=self._edges.get(pair, Traffic()),
            parked=handling.parked,
        )

    def _declared(self) -> Iterator[tuple[Pair, tuple[str, ...]]]:
        """Yield the edges that descriptors state; one to or from nobody is left out."""
        owners = {it.owns: it.name for it in self._components.values() if it.owns}
        for it in self.components():
            for target in it.descriptor.inputs if it.kind != "aggregate" else ():
                for domain, owner in owners.items():
                    if target.means(domain) and owner != it.name:
                        yield (owner, it.name), tuple(target.types)
            for target in it.descriptor.outputs:
                if target.domain in owners:
                    yield (it.name, owners[target.domain]), tuple(target.types)

    def _owner(self, domain: str) -> str:
        for it in self._components.values():
            if it.owns == domain:
                return it.name
        return domain

    def _handling(self, component: str, domain: str) -> Handling:
        return self._handlings.setdefault((component, domain), Handling())

    def _expect(self, component: Component, book: EventBook, page: EventPage, now: float) -> None:
        if component.kind in SENDERS:
            cover = book.cover
            source = (cover.domain, cover.edition_name, cover.root.value, page.num)
            for domain, seen in self._causes.expect(component.name, source):
                self._count(self._edges, (component.name, self._owner(domain)), seen, now)

    def _explain(self, domain: str, page: EventPage, seen: Seen, now: float) -> None:
        sender = self._causes.sender(page.command_id, (domain, seen))
        if sender:
            self._count(self._edges, (sender, self._owner(domain)), seen, now)

    def _count(self, counters: dict[KeyT, Traffic], key: KeyT, seen: Seen, now: float) -> None:
        counters.setdefault(key, Traffic()).count(seen, now)
