"""Letters: events and commands that failed for good, until an operator decides."""

from dataclasses import dataclass, replace
from enum import StrEnum

from angzarr_store._rows import RootKey


class LetterKind(StrEnum):
    """What failed: an event, a command that it led to, or the compensation of such a command."""

    EVENT = "event"
    COMMAND = "command"
    COMPENSATION = "compensation"


class LetterState(StrEnum):
    """How far a letter has come; replay: an operator wants it tried again, and it is owed."""

    RETRYING = "retrying"
    PARKED = "parked"
    REPLAY = "replay"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


BEHIND = "BEHIND_DEAD_LETTER"
OPEN_LETTERS = frozenset({LetterState.PARKED, LetterState.REPLAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A failure with its original bytes.

    Shape: `domain`, `position`, `sequence` and `key` are those of the event; `cover` is that of
    what failed. `payload` is an EventBook, for the other kinds a CommandBook; then `event` is the
    EventBook. `status` is the encoded status of the last failure. A letter of an aggregate has
    kind COMMAND, position 0 and no event, and blocks nothing. `attempts` 0 means that it waits
    behind an older one and was never tried. `parked_at` and `attempted_at` are data only.
    """

    id: str
    subscriber: str
    domain: str
    position: int
    sequence: int
    key: RootKey
    kind: LetterKind = LetterKind.EVENT
    state: LetterState
    cover: bytes
    payload: bytes
    event: bytes = b""
    command_id: str = ""
    status: bytes
    reason: str
    attempts: int
    parked_at: str = ""
    attempted_at: str = ""
    note: str = ""

    @property
    def is_free(self) -> bool:
        """Say whether it may be tried now if it is the oldest of its root."""
        return self.is_open and (self.state is LetterState.REPLAY or not self.attempts)

    @property
    def holds_root(self) -> bool:
        """Say whether later events of its root wait for it."""
        return self.position > 0

    @property
    def is_open(self) -> bool:
        """Say whether it holds its root."""
        return self.state in OPEN_LETTERS

    def without_bytes(self) -> "Letter":
        """Return what a list shows of it."""
        return replace(self, payload=b"", event=b"")

    def successor(self) -> "Letter":
        """Return the letter that takes its place when it is discarded but its event is not."""
        return replace(
            self,
            id=f"{self.id}+",
            kind=LetterKind.EVENT,
            state=LetterState.PARKED,
            payload=self.event or self.payload,
            event=b"",
            command_id="",
            status=b"",
            reason=BEHIND,
            attempts=0,
            attempted_at="",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterQuery:
    """Which letters; an empty field asks for nothing in particular, `states` names them all."""

    states: frozenset[LetterState]
    subscriber: str = ""
    domain: str = ""
    root: bytes = b""
    kind: LetterKind | None = None

    def matches(self, letter: Letter) -> bool:
        """Say whether a letter is wanted."""
        return (
            letter.state in self.states
            and self.subscriber in {"", letter.subscriber}
            and self.domain in {"", letter.domain}
            and self.root in {b"", letter.key.root}
            and self.kind in {None, letter.kind}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A letter as it is found, and how many later ones of its root are open."""

    letter: Letter
    waiting: int
