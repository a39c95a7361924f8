"""Every key, with its default; the comment of a key is its documentation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

MEBIBYTE = 1024 * 1024
GATEWAY_PORT = 9084
MONITORING_PORT = 9085
TOPOLOGY_PORT = 9099
AGGREGATE_PORT = 1310
PROJECTOR_PORT = 1320
SAGA_PORT = 1330
STREAM_PORT = 1340
PROCESS_MANAGER_PORT = 1350


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Which store; `url` belongs to the store: for SQLite a directory, for Postgres an address.

    `durability: volatile` admits storage that is gone with the machine's memory. `shared`: several
    processes append to one log, as replicas do. `export`: a directory in another trust zone where
    the end of each log is noted, signed with the secret in the file `export_key`; empty, nowhere.
    """

    kind: str = "sqlite"
    url: str = ".angzarr/store"
    durability: Literal["durable", "volatile"] = "durable"
    shared: bool = False
    export: str = ""
    export_key: str = ""

    @property
    def directory(self) -> str:
        """Return where on this machine it is, "" for one that has an address."""
        return "" if "://" in self.url else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """Which bus; `url` belongs to the bus: for pipes a private directory, for NATS its servers.

    `credentials`: a file that holds the login, `user:password`, and that nobody else may read.
    """

    kind: str = "ipc"
    url: str = ""
    credentials: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSettings:
    """Messages consumed or sent: a domain and full type names, none means all.

    In a file the bare name of a domain says the same.
    """

    SHORT_FOR: ClassVar[str] = "domain"
    domain: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """One component that discovery knows: what it owns and reads, and its coordinator's address.

    One with replicas has a list of addresses.
    """

    name: str
    kind: str
    address: str | tuple[str, ...]
    domain: str = ""
    inputs: tuple[InterestSettings, ...] = ()
    outputs: tuple[InterestSettings, ...] = ()
    asynchronous: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the address of each replica."""
        return (self.address,) if isinstance(self.address, str) else self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySettings:
    """Which discovery, and the components it starts from."""

    kind: str = "static"
    endpoints: tuple[EndpointSettings, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """What is refused when it is larger, more or longer (contract.md §4.0, security.md C9, C10).

    `message_parts` counts the fields of a message and of all messages in it. `calls` are those in
    flight, `calls_per_second` those of one caller, 0 for any number. A stream ends when its
    reader takes nothing for `stalled_seconds`, and after `stream_seconds` anyway.
    """

    message_bytes: int = 4 * MEBIBYTE
    message_parts: int = 64 * 1024
    command_bytes: int = MEBIBYTE
    page_bytes: int = 512 * 1024
    reply_bytes: int = 3 * MEBIBYTE
    reply_pages: int = 1000
    reply_commands: int = 1000
    reply_destinations: int = 100
    lane_commands: int = 64
    cached_roots: int = 4096
    connections: int = 256
    calls: int = 1024
    calls_per_second: int = 0
    stalled_seconds: float = 60.0
    stream_seconds: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackSettings:
    """What follows when the source of a rejected command takes nothing back (contract.md §4.6).

    `emit` records the failure, `dead_letter` parks the compensation, `escalate` tells people.
    """

    emit: bool = True
    dead_letter: bool = False
    escalate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationSettings:
    """How a rejected command of a saga or process manager is taken back."""

    fallback: FallbackSettings = field(default_factory=FallbackSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutSettings:
    """A timer of a process manager whose logic sets none: so many seconds from each append on.

    `until`: an event of one of these types disarms it.
    """

    after: float
    until: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcasterSettings:
    """Who knows the newest form of stored events: unix:PATH or HOST:PORT, and seconds to answer."""

    address: str = ""
    timeout: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourSettings:
    """What a component reads and sends, and how it treats its logic (contract.md §5).

    `inputs` and `outputs` left empty come from the descriptor of the logic. `numbering`: pages
    with wrong numbers are refused, or numbered anew. `derive_correlation`: a command without a
    correlation id gets one. `expose_logic_errors`: the texts of UNKNOWN and INTERNAL pass on.
    `saga_events`: events that a saga returns park the source event, or are dropped.
    `compensation`: what follows when the source of a rejected command takes nothing back.
    `logic_health`: logic is healthy when its health service says so, when it accepts a
    connection, or auto: the first where it is served. `history`: logic that has offered its state
    is shown it in place of the events in it, or sees every event. `trigger`: a process manager is
    shown the event, or with it what its root recorded before; `timeouts` are its timers by type.
    `stream_output`: what a projector returns is offered to event streams.
    `upcaster`: what brings stored events into their newest form before logic sees them. `sync`: a
    caller that waits waits for this projector; None leaves that to its descriptor. `type_match`:
    a type among the inputs means a whole name or what follows a dot, or any ending of a name.
    `projector_service`: which of the two services a projector serves; auto finds out.
    `link: off` makes every call alone, auto within one stream where the peer has a link.
    """

    inputs: tuple[InterestSettings, ...] = ()
    outputs: tuple[InterestSettings, ...] = ()
    numbering: Literal["verify", "assign"] = "verify"
    derive_correlation: bool = True
    expose_logic_errors: bool = False
    saga_events: Literal["park", "drop"] = "park"
    compensation: CompensationSettings = field(default_factory=CompensationSettings)
    logic_health: Literal["auto", "grpc", "connect"] = "auto"
    link: Literal["auto", "off"] = "auto"
    history: Literal["auto", "full"] = "auto"
    trigger: Literal["event", "history"] = "event"
    stream_output: bool = False
    timeouts: Mapping[str, TimeoutSettings] = field(default_factory=dict)
    upcaster: UpcasterSettings = field(default_factory=UpcasterSettings)
    editions: Literal["main", "all"] | tuple[str, ...] = "main"
    speculative: bool = False
    sync: bool | None = None
    type_match: Literal["boundary", "suffix"] = "boundary"
    projector_service: Literal["auto", "projector", "coordinator"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentSettings(BehaviourSettings):
    """The component that this process coordinates, and where its logic listens."""

    name: str = ""
    domain: str = ""
    logic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """How a subscriber works: attempts before it parks, seconds between polls, events at once."""

    attempts: int = 8
    poll_seconds: float = 5.0
    window: int = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownSettings:
    """Seconds that requests in flight get, and that logic lingers for its coordinator."""

    drain_seconds: float = 20.0
    linger_seconds: float = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """From which level on lines are written; `format` is json or console, empty: by terminal."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["", "json", "console"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringSettings:
    """Where health and metrics are served over HTTP: HOST:PORT or unix:PATH; empty, nowhere."""

    listen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Who this process is to peers beyond this machine: three files, read again when they change.

    `certificate` with the chain that leads to an authority, and the names of ADR 18; its `key`,
    which nobody else may read; `authority`, the certificates that a peer's must lead to. With
    `loopback` TCP ports of this machine are served and called so as well. `insecure` does without
    all of it, in the clear and for everybody: networks of tests only.
    """

    certificate: str = ""
    key: str = ""
    authority: str = ""
    loopback: bool = False
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSettings:
    """What all processes of an application have in common.

    Units: deadlines are seconds: the longest a caller may ask for, the one of a caller that asks
    for none, and what logic gets for one call.
    """

    max_deadline: float = 300.0
    usual_deadline: float = 30.0
    logic_deadline: float = 10.0
    store: StoreSettings = field(default_factory=StoreSettings)
    bus: BusSettings = field(default_factory=BusSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    shutdown: ShutdownSettings = field(default_factory=ShutdownSettings)
    log: LogSettings = field(default_factory=LogSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SharedSettings):
    """Everything that a process of ours can be told; `listen` is unix:PATH or HOST:PORT.

    `reflection` serves gRPC reflection, for tools that explore. `event_stream` is where the
    gateway finds the stream service; a command's stream ends `stream_timeout` seconds after its
    last event. `access`: the file that says which certificate may call what.
    """

    listen: str = ""
    access: str = ""
    reflection: bool = False
    event_stream: str = ""
    stream_timeout: float = 30.0
    monitoring: MonitoringSettings = field(default_factory=MonitoringSettings)
    tls: TlsSettings = field(default_factory=TlsSettings)
    component: ComponentSettings = field(default_factory=ComponentSettings)
    discovery: DiscoverySettings = field(default_factory=DiscoverySettings)
