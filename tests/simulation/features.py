"""What a seed's system has beside gateway and aggregates, so that no seed pays for everything."""

import random  # noqa: TID251 - the seed decides
from collections.abc import Iterator
from dataclasses import dataclass

SUBSCRIBERS = (
    *[("saga", "projector")] * 4,
    *[("process",)] * 3,
    *[("process", "projector")] * 2,
    *[("process", "saga")] * 2,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Which subscribers there are, and what clients and operators do.

    Shape: a snapshot is due every `snapshot_every` events, 0 means never; commands follow one of
    `flows` correlation ids; the projector follows the timelines `follows`.
    """

    subscribers: tuple[str, ...]
    has_editions: bool
    deletes: bool
    has_modes: bool
    has_operator: bool
    has_links: bool
    snapshot_every: int
    flows: int
    follows: str
    reads_stock: bool
    takes_back: bool
    undoes: bool
    times_out: bool

    @staticmethod
    def of(chance: random.Random) -> "Features":
        """Draw them."""
        return Features(
            subscribers=chance.choice(SUBSCRIBERS),
            has_editions=chance.random() < 0.3,
            deletes=chance.random() < 0.3,
            has_modes=chance.random() < 0.3,
            has_operator=chance.random() < 0.2,
            has_links=chance.random() < 0.08,
            snapshot_every=chance.choice((0, 0, 1, 2, 3)),
            flows=chance.randint(1, 4),
            follows=chance.choice(("main", "all")),
            reads_stock=chance.random() < 0.15,
            takes_back=chance.random() < 0.6,
            undoes=chance.random() < 0.6,
            times_out=chance.random() < 0.15,
        )

    @property
    def coordinators(self) -> tuple[str, ...]:
        """Return the components that have logic."""
        return ("order", "stock", *self.subscribers)

    @property
    def commands(self) -> int:
        """Return about how many commands clients send; what follows from them comes on top."""
        if "process" not in self.subscribers:
            return 16
        return 11 if "saga" in self.subscribers else 13

    @property
    def names(self) -> tuple[str, ...]:
        """Return all processes."""
        return ("gateway", *self.coordinators, *(f"logic-{name}" for name in self.coordinators))

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Return which subscriber reads which domain."""
        return tuple((name, domain) for name in self.subscribers for domain in self.reads(name))

    def reads(self, name: str) -> Iterator[str]:
        """Yield the domains that a component reads, those of a process manager with its own."""
        if name == "saga":
            yield "order"
        elif name == "projector":
            yield "stock"
        elif name == "process":
            yield from ("order", "stock", "process") if self.reads_stock else ("order", "process")

    def inputs(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield (domain, type) of what a component says that it reads."""
        for domain in self.reads(name):
            if domain != "process":
                yield domain, "sim.Done"
            elif self.takes_back:
                yield domain, "angzarr.RevokeEventCommand"
