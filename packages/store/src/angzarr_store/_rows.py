"""The values that go into and come out of a store."""

import hashlib
import struct
from dataclasses import dataclass

EMPTY_CHAIN = bytes(32)
MAIN_EDITION = "angzarr"
_LENGTH = struct.Struct(">I")
_NUMBER = struct.Struct(">Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """One history: the unit of order. `edition` is canonical, `root` has 16 bytes."""

    edition: str
    root: bytes

    @property
    def is_main(self) -> bool:
        """Say whether it is on the main timeline."""
        return self.edition == MAIN_EDITION

    @property
    def on_main(self) -> "RootKey":
        """Return the same root on the main timeline."""
        return RootKey(edition=MAIN_EDITION, root=self.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The result of one command, to be stored all or not at all.

    Shape: `pages` are encoded EventPages numbered base, base + 1, … without a position;
    `status` is the encoded google.rpc.Status of a rejection, else None, then there are no pages;
    `recorded` asks for a command row (an accepted batch always gets one). `divergence` is where its
    sender says that a named edition leaves main.
    Rule: reliability.md §2.2 P8.
    """

    command_id: str
    key: RootKey
    type_url: str
    base: int
    correlation_id: str
    created_at: str
    pages: tuple[bytes, ...] = ()
    status: bytes | None = None
    recorded: bool = True
    divergence: int | None = None

    @property
    def size_bytes(self) -> int:
        """Return the bytes that the batch adds to a transaction."""
        return sum(map(len, self.pages)) + len(self.status or b"") + 256


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """What is remembered of a command id for ever.

    Shape: `status` None means accepted; then the pages are `count` from `first_sequence` and
    `first_position` on. With count 0 `first_position` is the head at decision time.
    """

    command_id: str
    key: RootKey
    type_url: str
    first_sequence: int
    first_position: int
    count: int
    epoch: int
    status: bytes | None

    def is_of(self, key: RootKey, type_url: str) -> bool:
        """Say whether the row belongs to the command with this key and type."""
        return (self.key, self.type_url) == (key, type_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """The answer to an append: the command's row, and whether it was there before."""

    row: CommandRow
    pages: tuple[bytes, ...]
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One stored event. `page` is the encoded EventPage exactly as stored, None for a tombstone."""

    position: int
    key: RootKey
    sequence: int
    command_id: str
    correlation_id: str
    created_at: str
    digest: bytes
    chain: bytes
    page: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the events of a root up to `sequence`, inclusive, add up to; `state` is an Any's bytes.

    Rule: reliability.md §2.5.
    """

    key: RootKey
    sequence: int
    state: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a domain's log. Position 0 is an empty log."""

    position: int
    epoch: int
    chain: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """Consecutive events of a log and its head at the same instant.

    Shape: positions dense from `after` + 1 on; whole appends; empty only at the head.
    """

    events: tuple[Event, ...]
    head: Head


def event_digest(domain: str, key: RootKey, place: tuple[int, int], c: str, page: bytes) -> bytes:
    """Return the digest of an event; `place` is (sequence, position), `c` the command id.

    Rule: reliability.md §2.1.
    """
    named = (domain.encode(), key.edition.encode(), key.root)
    parts = (*named, *map(_NUMBER.pack, place), c.encode(), page)
    return hashlib.sha256(b"".join(_LENGTH.pack(len(it)) + it for it in parts)).digest()


def next_chain(chain: bytes, digest: bytes) -> bytes:
    """Return the chain value after an event with `digest`."""
    return hashlib.sha256(chain + digest).digest()


def with_position(page: bytes, position: int) -> bytes:
    """Return the stored bytes of a page: the page and field 100, its position.

    Appending an encoded field is a valid merge, so the payload is never re-encoded.
    """
    out = bytearray(page)
    out += b"\xa0\x06"
    while position > 127:  # noqa: PLR2004 - seven bits of a varint
        out.append(position & 127 | 128)
        position >>= 7
    out.append(position)
    return bytes(out)
