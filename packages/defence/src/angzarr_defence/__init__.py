"""What keeps strangers, floods and hostile bytes out of a process."""

from angzarr_defence._bucket import Buckets
from angzarr_defence._entrance import Entrance
from angzarr_defence._errors import DefenceError, ForeignPeerError, TooManyCallsError
from angzarr_defence._hardening import harden
from angzarr_defence._kernel import owner_of
from angzarr_defence._listener import is_local, socket_fault
from angzarr_defence._peers import Peers
from angzarr_defence._wire import SMALL_BYTES, parse

__all__ = [
    "SMALL_BYTES",
    "Buckets",
    "DefenceError",
    "Entrance",
    "ForeignPeerError",
    "Peers",
    "TooManyCallsError",
    "harden",
    "is_local",
    "owner_of",
    "parse",
    "socket_fault",
]
