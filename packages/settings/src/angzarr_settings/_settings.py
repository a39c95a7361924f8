"""Every key, with its default; the comment of a key is its documentation."""

from dataclasses import dataclass, field

MEBIBYTE = 1024 * 1024
GATEWAY_PORT = 9084
AGGREGATE_PORT = 1310


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Which store; `url` belongs to the store, for SQLite a directory."""

    kind: str = "sqlite"
    url: str = ".angzarr/store"
    durability: str = "durable"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """Which bus; `url` belongs to the bus, for pipes a private directory."""

    kind: str = "ipc"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """One component that discovery knows: its coordinator's address and what it owns."""

    name: str
    kind: str
    address: str
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySettings:
    """Which discovery, and the components it starts from."""

    kind: str = "static"
    endpoints: tuple[EndpointSettings, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """Sizes and counts above which a message is refused (contract.md §4.0)."""

    message_bytes: int = 4 * MEBIBYTE
    command_bytes: int = MEBIBYTE
    page_bytes: int = 512 * 1024
    reply_bytes: int = 3 * MEBIBYTE
    reply_pages: int = 1000
    lane_commands: int = 64
    cached_roots: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentSettings:
    """The component that this process coordinates, and where its logic listens."""

    name: str = ""
    domain: str = ""
    logic: str = ""
    numbering: str = "verify"
    derive_correlation: bool = True
    expose_logic_errors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSettings:
    """Seconds: the longest a caller may ask for, the default, and what logic gets."""

    longest: float = 300.0
    usual: float = 30.0
    logic: float = 10.0
    drain: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be configured; `listen` is unix:PATH or HOST:PORT."""

    listen: str = ""
    component: ComponentSettings = field(default_factory=ComponentSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    bus: BusSettings = field(default_factory=BusSettings)
    discovery: DiscoverySettings = field(default_factory=DiscoverySettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    deadlines: DeadlineSettings = field(default_factory=DeadlineSettings)
