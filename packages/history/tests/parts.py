"""Roots, logs and rows of planted histories."""

from angzarr_history import Claim
from angzarr_store import (
    EMPTY_CHAIN,
    CommandRow,
    Event,
    RootKey,
    event_digest,
    next_chain,
)

KEY = RootKey(edition="angzarr", root=bytes(15) + b"\x01")
OTHER = RootKey(edition="angzarr", root=bytes(15) + b"\x02")
TRY = RootKey(edition="try", root=KEY.root)


def log(domain: str, *places: tuple[RootKey, int, str]) -> tuple[Event, ...]:
    """Return events of (root, sequence, command id) with the chain that they have."""
    chain, events = EMPTY_CHAIN, []
    for position, (key, sequence, command_id) in enumerate(places, 1):
        page = f"{command_id}/{sequence}".encode()
        digest = event_digest(domain, key, (sequence, position), command_id, page)
        chain = next_chain(chain, digest)
        events.append(
            Event(
                position=position,
                key=key,
                sequence=sequence,
                command_id=command_id,
                correlation_id="",
                created_at="",
                digest=digest,
                chain=chain,
                page=page,
            )
        )
    return tuple(events)


def row(command_id: str, key: RootKey, first: tuple[int, int], count: int) -> CommandRow:
    """Return the row of an accepted command; `first` is (sequence, position)."""
    return CommandRow(
        command_id=command_id,
        key=key,
        type_url="t",
        first_sequence=first[0],
        first_position=first[1],
        count=count,
        epoch=first[1],
        status=None,
    )


def claim(event: Event) -> Claim:
    """Return an event as an answer shows it."""
    return Claim(sequence=event.sequence, position=event.position, page=event.page or b"")
