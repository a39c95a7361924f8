"""What stands in a row: ids, colours, types, times, rates."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from angzarr import is_name
from angzarr_topology._traffic import Traffic

SLOW = 10


def id_of(name: str) -> str:
    """Return the id of a node: the name, or for one that is no name, `X-` and a digest of it."""
    return name if is_name(name) else f"X-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def edge_id(source: str, target: str) -> str:
    """Return the id of an edge; the other direction has another."""
    return f"{id_of(source)}..{id_of(target)}"


def color_of(domain: str) -> str:
    """Return a colour that every component of a domain has."""
    return f"#{hashlib.sha256(domain.encode()).hexdigest()[:6]}"


def short(type_name: str) -> str:
    """Return a type's name without its package."""
    return type_name.rpartition(".")[2]


def summary(types: Sequence[str], *, is_call: bool) -> str:
    """Return the first type and how many more there are; without any, what kind they are."""
    if not types:
        return "commands" if is_call else "events"
    first, more = short(types[0]), len(types) - 1
    return f"{first} (+{more} more)" if more else first


def time_of(traffic: Traffic) -> str:
    """Return when its last event was created, in UTC, or ""."""
    if traffic.last is None:
        return ""
    return datetime.fromtimestamp(traffic.last.at, UTC).isoformat().replace("+00:00", "Z")


def rate_text(rate: float) -> str:
    """Return events per second as people read them."""
    return f"{rate:.0f}/s" if rate >= SLOW or not rate else f"{rate:.1f}/s"
