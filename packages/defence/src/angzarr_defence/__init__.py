"""What keeps strangers, floods and hostile bytes out of a process."""

from angzarr_defence._bucket import Buckets
from angzarr_defence._entrance import Entrance
from angzarr_defence._errors import (
    DefenceError,
    DrainingError,
    ForeignPeerError,
    NamelessPeerError,
    TooManyCallsError,
)
from angzarr_defence._hardening import harden
from angzarr_defence._inflight import RETRY_SECONDS, InFlight
from angzarr_defence._kernel import is_ours, listener_of, owner_of
from angzarr_defence._listener import is_local, is_unix, socket_fault, socket_path
from angzarr_defence._peers import Peers
from angzarr_defence._place import PRIVATE, directory_fault, parent_fault
from angzarr_defence._wire import SMALL_BYTES, parse

__all__ = [
    "PRIVATE",
    "RETRY_SECONDS",
    "SMALL_BYTES",
    "Buckets",
    "DefenceError",
    "DrainingError",
    "Entrance",
    "ForeignPeerError",
    "InFlight",
    "NamelessPeerError",
    "Peers",
    "TooManyCallsError",
    "directory_fault",
    "harden",
    "is_local",
    "is_ours",
    "is_unix",
    "listener_of",
    "owner_of",
    "parent_fault",
    "parse",
    "socket_fault",
    "socket_path",
]
