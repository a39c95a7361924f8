"""Errors of the store.

StoreError
├── StoreUnavailableError   nothing was read or written; retry
│   ├── StoreFullError      no space; reads still work
│   └── OverloadedError     too much waits to be written
├── FencedError             a newer epoch owns the domain or subscription
├── ConflictError           the root is not where the batch assumed
├── CommandIdReusedError    the id belongs to another command
├── EditionError            an edition cannot be what is asked for
│   ├── EditionExistsError  it exists, and is another one
│   ├── EditionDeletedError its name is spent
│   ├── DivergenceMismatchError  it leaves main elsewhere
│   └── MainEditionError    the main timeline is no edition
├── TimerGoneError          the timer was cancelled or set anew
├── PositionPastHeadError   a feed position that the log has not reached
├── LogMismatchError        the log differs from what the reader saw
├── LetterError             a request about letters cannot be met
│   ├── LetterRequestError  it contradicts itself or lacks something
│   ├── UnknownLetterError  there is no such letter
│   ├── LetterStateError    the letter is not parked
│   ├── LetterOrderError    an older letter of the root is not asked for
│   └── LetterCountError    other letters match than were expected
├── DamagedError            a stored row contradicts itself
├── UnknownOutcomeError     the batch may or may not be stored
├── InvariantError          the protocol was violated; the process must stop
├── StoreIoError            a write or sync failed; the process must stop
└── RefusedError            the store may not be opened: a setting, its value and the fix
"""


class StoreError(Exception):
    """Base of every error a store raises."""


class StoreUnavailableError(StoreError):
    """Nothing was read or written; the same call may succeed later."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class StoreFullError(StoreUnavailableError):
    """There is no space; nothing was written and reads still work."""


class OverloadedError(StoreUnavailableError):
    """More waits to be written than the store accepts; nothing was written."""


class FencedError(StoreError):
    """A newer epoch owns the domain or subscription; nothing was written."""

    def __init__(self, what: str, epoch: int) -> None:
        super().__init__(f"{what} is fenced: epoch {epoch} is superseded")
        self.what = what
        self.epoch = epoch


class ConflictError(StoreError):
    """The root's next sequence is not the one the batch was built on; nothing was written."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"expected {expected}, got {actual}")
        self.expected = expected
        self.actual = actual


class CommandIdReusedError(StoreError):
    """The command id already names a different command; nothing was written."""

    def __init__(self, command_id: str) -> None:
        super().__init__(f"Command id {command_id} was already used for a different command")
        self.command_id = command_id


class EditionError(StoreError):
    """An edition cannot be what is asked for; nothing was written."""

    def __init__(self, text: str, edition: str, domain: str) -> None:
        super().__init__(text)
        self.edition = edition
        self.domain = domain


class EditionExistsError(EditionError):
    """There is an edition of this name, made otherwise."""

    def __init__(self, edition: str, domain: str) -> None:
        super().__init__(f"Edition already exists: {edition}", edition, domain)


class EditionDeletedError(EditionError):
    """The edition was deleted; its name is never used again."""

    def __init__(self, edition: str, domain: str) -> None:
        super().__init__(f"Edition {edition} was deleted", edition, domain)


class DivergenceMismatchError(EditionError):
    """The edition leaves main at another sequence than was asked for."""

    def __init__(self, edition: str, domain: str, recorded: int, asked: int) -> None:
        text = f"Edition {edition} diverges from {domain} at {recorded}, not {asked}"
        super().__init__(text, edition, domain)
        self.recorded = recorded


class MainEditionError(EditionError):
    """The main timeline can neither be made nor deleted."""

    def __init__(self, text: str, domain: str) -> None:
        super().__init__(text, "angzarr", domain)


class TimerGoneError(StoreError):
    """The timer that was to fire is not there any more; nothing was written."""

    def __init__(self, timer_type: str, deadline: str) -> None:
        super().__init__(f"Timer {timer_type} of {deadline} is gone")
        self.timer_type = timer_type
        self.deadline = deadline


class PositionPastHeadError(StoreError):
    """The position lies beyond the head of the log."""

    def __init__(self, domain: str, position: int, head: int) -> None:
        super().__init__(f"Position {position} is past head {head} of domain {domain}")
        self.domain = domain
        self.position = position
        self.head = head


class LogMismatchError(StoreError):
    """The log's chain at the position is not the one the reader knows."""

    def __init__(self, domain: str, position: int) -> None:
        super().__init__(f"Log of domain {domain} differs at position {position}")
        self.domain = domain
        self.position = position


class LetterError(StoreError):
    """A request about letters cannot be met; nothing was changed."""


class LetterRequestError(LetterError):
    """The request is wrong in one field."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


class UnknownLetterError(LetterError):
    """There is no such letter."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"No dead letter: {id_}")
        self.id = id_


class LetterStateError(LetterError):
    """Only a parked letter can be replayed or discarded."""

    def __init__(self, id_: str, state: str) -> None:
        super().__init__(f"Dead letter {id_} is already {state}")
        self.id = id_


class LetterOrderError(LetterError):
    """An older letter of the same root has to go first."""

    def __init__(self, id_: str, older: str) -> None:
        super().__init__(f"Dead letter {id_} waits for {older}")
        self.id = id_


class LetterCountError(LetterError):
    """A selection matches another number of letters than its sender saw."""

    def __init__(self, count: int, expected: int) -> None:
        super().__init__(f"{count} letters match, expected {expected}")
        self.count = count


class DamagedError(StoreError):
    """A stored row contradicts its digest, number or neighbours."""

    def __init__(self, domain: str, root: bytes, sequence: int) -> None:
        super().__init__(f"Stored event {domain}:{root.hex()}:{sequence} is damaged")
        self.domain = domain
        self.root = root
        self.sequence = sequence


class UnknownOutcomeError(StoreError):
    """The batch may or may not be stored; the same command id settles it."""

    def __init__(self, command_id: str) -> None:
        super().__init__("Outcome unknown; retry with the same command_id")
        self.command_id = command_id


class InvariantError(StoreError):
    """What cannot happen has happened; the process must stop without answering."""


class StoreIoError(StoreError):
    """A write or sync of the database failed: what is on disk is unknown; the process must stop."""


class RefusedError(StoreError):
    """The store may not be opened."""

    def __init__(self, setting: str, value: str, fix: str) -> None:
        super().__init__(f"{setting} is {value}; {fix}")
        self.setting = setting
        self.value = value
        self.fix = fix
