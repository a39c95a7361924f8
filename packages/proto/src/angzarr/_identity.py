"""Derived identifiers: the same input gives the same id for ever (contract.md §3.1)."""

import hashlib
import uuid

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "angzarr.dev")

_SEPARATOR = "\x1f"
_COMMAND = uuid.uuid5(NAMESPACE, "command")
_FAILURE = uuid.uuid5(NAMESPACE, "saga-failure")


def derive(namespace: uuid.UUID, name: bytes) -> uuid.UUID:
    """Return the version 5 UUID of raw bytes (RFC 4122 §4.3)."""
    digest = hashlib.sha1(namespace.bytes + name, usedforsecurity=False).digest()
    return uuid.UUID(bytes=digest[:16], version=5)


def reaction_command_id(component: str, source: tuple[str, str, bytes, int], index: int) -> str:
    """Return the id of the command at `index` of the reply to an event.

    Shape: `source` is (domain, canonical edition, root, sequence) of the event.
    """
    domain, edition, root, sequence = source
    return _command("command", component, domain, edition, root.hex(), str(sequence), str(index))


def decision_id(component: str, source: tuple[str, str, bytes, int]) -> str:
    """Return the id under which a process manager stores what it decided on an event."""
    domain, edition, root, sequence = source
    return _command("process", component, domain, edition, root.hex(), str(sequence))


def timer_event_id(
    component: str, process: tuple[str, bytes], timer_type: str, deadline: tuple[int, int]
) -> str:
    """Return the id of a timer's firing.

    Shape: `process` is (edition, process root), `deadline` (seconds, nanoseconds).
    """
    edition, root = process
    due = f"{deadline[0]}.{deadline[1]:09d}"
    return _command("timer", component, edition, root.hex(), timer_type, due)


def compensation_id(rejected: str) -> str:
    """Return the id of the command that revokes the event behind a rejected command."""
    return _command("compensate", rejected)


def failure_command_id(rejected: str) -> str:
    """Return the id of the command that records a failed compensation."""
    return _command("failure", rejected)


def failure_root(rejected: str) -> uuid.UUID:
    """Return the root under which a failed compensation is recorded."""
    return uuid.uuid5(_FAILURE, rejected)


def replay_command_id(original: str, attempt: int) -> str:
    """Return the id of the n-th replay (from 1) of an aggregate's dead letter."""
    return _command("replay", original, str(attempt))


def business_root(domain: str, key: str) -> uuid.UUID:
    """Return the root that a business key means in a domain."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"angzarr{domain}{key}")


def process_root(correlation_id: str) -> uuid.UUID:
    """Return the root of the process that follows a correlation id."""
    return uuid.uuid5(uuid.NAMESPACE_OID, correlation_id)


def partition_of(root: bytes, partition_count: int) -> int:
    """Return the partition of a root, 0 ≤ partition < `partition_count`."""
    return int.from_bytes(hashlib.sha256(root).digest()[:8], "big") % partition_count


def _command(*parts: str) -> str:
    return str(uuid.uuid5(_COMMAND, _SEPARATOR.join(parts)))
