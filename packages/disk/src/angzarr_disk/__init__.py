"""What a database asks of the disk it lies on."""

from angzarr_disk._lock import DatabaseLock
from angzarr_disk._place import FREE_BYTES, check_file, check_place
from angzarr_disk._space import RESERVE_BYTES, Space

__all__ = [
    "FREE_BYTES",
    "RESERVE_BYTES",
    "DatabaseLock",
    "Space",
    "check_file",
    "check_place",
]
