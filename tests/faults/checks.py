"""What must hold of the files of components that have died and come back."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from angzarr_bus import Frame
from angzarr_store import EMPTY_CHAIN, event_digest, next_chain

from .stores import dump, rows

POSITIONS = "SELECT position FROM subscriptions WHERE subscriber = ? AND domain = ?"
PROJECTED = "SELECT root, sequence FROM projections"


def log_faults(path: Path, positions: dict[str, int], frames: Sequence[Frame] = ()) -> list[str]:
    """Return what is wrong with a log whose clients were told these positions.

    Every acknowledged command is there once and where it was said, the chain recomputes, and
    nothing was announced that is not stored.
    """
    found = dump(path, "order")
    chain, faults = EMPTY_CHAIN, []
    for at, event in enumerate(found.events, start=1):
        place = (event.sequence, event.position)
        digest = event_digest("order", event.key, place, event.command_id, event.page or b"")
        chain = next_chain(chain, digest)
        if (event.position, event.digest, event.chain) != (at, digest, chain):
            faults.append(f"position {at} is not what was stored")
    stored = {event.command_id: event.position for event in found.events}
    pages = {(event.position, event.page) for event in found.events}
    announced = {(frame.position + at, it) for frame in frames for at, it in enumerate(frame.pages)}
    if Counter(event.command_id for event in found.events) - Counter(positions):
        faults.append("stored twice, or never sent")
    if stored != positions or len(found.commands) != len(positions):
        faults.append("an acknowledged event is not where it was said to be")
    if announced - pages:
        faults.append("an event was announced that is not stored")
    return faults


def effect_faults(log: Path, database: Path, name: str) -> list[str]:
    """Return the roots of whose events up to the checkpoint on disk not all are projected."""
    found = rows(database, POSITIONS, name, "order") if database.exists() else []
    reached = found[0][0] if found else 0
    wanted = {
        event.key.root: event.sequence
        for event in (dump(log, "order").events if reached else ())
        if event.position <= reached
    }
    projected = {row[0]: row[1] for row in rows(database, PROJECTED)} if reached else {}
    missing = [root.hex() for root, last in wanted.items() if projected.get(root, -1) < last]
    return [f"the checkpoint is ahead of the effect of {root}" for root in missing]
