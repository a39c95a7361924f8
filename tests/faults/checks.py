"""What must hold of the files of components that have died and come back."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from angzarr_bus import Frame
from angzarr_store import EMPTY_CHAIN, event_digest, next_chain

from .stores import dump, rows

POSITIONS = "SELECT position FROM subscriptions WHERE subscriber = ? AND domain = ?"
PROJECTED = "SELECT root, sequence FROM projections"


def check_log(path: Path, positions: dict[str, int], frames: Sequence[Frame] = ()) -> None:
    """Every acknowledged command is there once and where it was said, the chain recomputes."""
    found = dump(path, "order")
    chain = EMPTY_CHAIN
    for at, event in enumerate(found.events, start=1):
        place = (event.sequence, event.position)
        digest = event_digest("order", event.key, place, event.command_id, event.page or b"")
        chain = next_chain(chain, digest)
        assert (event.position, event.digest, event.chain) == (at, digest, chain)
    stored = {event.command_id: event.position for event in found.events}
    announced = {(frame.position + at, it) for frame in frames for at, it in enumerate(frame.pages)}

    counts = Counter(event.command_id for event in found.events)
    assert counts - Counter(positions) == {}, "stored twice, or never sent"
    assert stored == positions, "an acknowledged event is not where it was said to be"
    assert len(found.commands) == len(positions)
    phantoms = announced - {(event.position, event.page) for event in found.events}
    assert not phantoms, "an event was announced that is not stored"


def check_effects(log: Path, database: Path, name: str) -> None:
    """Every event up to the checkpoint on disk has been projected."""
    found = rows(database, POSITIONS, name, "order") if database.exists() else []
    reached = found[0][0] if found else 0
    wanted = {
        event.key.root: event.sequence
        for event in (dump(log, "order").events if reached else ())
        if event.position <= reached
    }
    projected = {row[0]: row[1] for row in rows(database, PROJECTED)} if reached else {}
    missing = [root for root, last in wanted.items() if projected.get(root, -1) < last]

    assert missing == [], "the checkpoint is ahead of its effect"
