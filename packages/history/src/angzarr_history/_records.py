"""What happened, in the order in which it was recorded (reliability.md §4)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from angzarr_history._later_records import Awaited, LettersDecided, Stepped, TimerCancelled
from angzarr_store import Backlog, Change, CommandRow, Event, Lease, RootKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoked:
    """A client began a command; repeats of it are the same invocation."""

    command_id: str
    domain: str
    key: RootKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One event as an answer showed it; `page` is the stored page."""

    sequence: int
    position: int
    page: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A client heard that a command was accepted."""

    command_id: str
    domain: str
    key: RootKey
    events: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A client heard that a command was refused.

    Shape: `is_final` says that no attempt of it was unknown; `is_recorded` that the refusal is the
    final word on the id; `following` is the next sequence that the refusal named, or None.
    """

    command_id: str
    domain: str
    key: RootKey
    reason: str
    is_final: bool
    is_recorded: bool = False
    following: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A client gave up without knowing."""

    command_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBegun:
    """A client asked for the whole history of a root."""

    read: int
    domain: str
    key: RootKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEnded:
    """The answer to a read: sequences and stored pages."""

    read: int
    domain: str
    key: RootKey
    pages: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumped:
    """Everything that a domain stores, read at rest or from a copy.

    Shape: `divergences` are (edition, root, first own sequence).
    """

    domain: str
    events: tuple[Event, ...]
    commands: tuple[CommandRow, ...] = ()
    divergences: tuple[tuple[str, bytes, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A chain value that left the store."""

    domain: str
    position: int
    chain: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """A reply of the feed: (position, chain) of each event behind `after`."""

    domain: str
    after: int
    places: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The logic of a subscriber was called with an event."""

    subscriber: str
    domain: str
    key: RootKey
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A subscriber's transaction became durable."""

    subscriber: str
    domain: str
    epoch: int
    changes: tuple[Change, ...]

    @staticmethod
    def of(place: tuple[str, str, int], changes: Sequence[Change]) -> "Committed":
        """Return the transaction of (subscriber, domain, epoch)."""
        subscriber, domain, epoch = place
        return Committed(subscriber=subscriber, domain=domain, epoch=epoch, changes=tuple(changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A subscription as it was on disk when its lease was taken."""

    lease: Lease
    backlog: Backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An event that a subscriber must handle.

    Shape: `commands` is how many commands it leads to, None for one projection. A process manager
    decides under the id `decision`, with so many `pages` and the types of `timers` among those
    that it sets.
    """

    subscriber: str
    domain: str
    position: int
    key: RootKey
    sequence: int
    commands: int | None = None
    decision: str = ""
    pages: int = 0
    timers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested:
    """Nothing moved any more, or the time for that was over; `heads` are (domain, position).

    Shape: timers with a deadline before `now` have had their time.
    """

    heads: tuple[tuple[str, int], ...]
    is_quiet: bool
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A sample of something that has a limit."""

    what: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A read model as it is, and as it is after being built anew; what that sent out again."""

    what: str
    live: bytes
    rebuilt: bytes
    emitted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A read model at rest; all of one `log` must be equal."""

    log: str
    reader: str
    model: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that outlived the system: a process, socket, pipe, lock or lease."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The audit row of an accepted call."""

    command_id: str
    identity: str
    is_entitled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Latencies of roots that are not poisoned, and of the same run without poison."""

    p99_seconds: float
    reference_seconds: float


Record = (
    Invoked
    | Accepted
    | Refused
    | Unsettled
    | ReadBegun
    | ReadEnded
    | Dumped
    | Exported
    | FeedRead
    | Asked
    | Committed
    | Stepped
    | TimerCancelled
    | LettersDecided
    | Leased
    | Wanted
    | Rested
    | Awaited
    | Measured
    | Compared
    | Shown
    | Left
    | Audited
    | Timed
)


@dataclass(slots=True)
class History:
    """The records of one run.

    Shape: `is_audited` says that every accepted call must have an audit row.
    """

    records: list[Record] = field(default_factory=list)
    is_audited: bool = False

    def add(self, record: Record) -> None:
        """Record what has just happened."""
        self.records.append(record)

    def extend(self, records: Iterable[Record]) -> None:
        """Record several."""
        self.records.extend(records)

    def __iter__(self) -> Iterator[Record]:
        """Iterate over the records."""
        return iter(self.records)
