"""What a process manager stores: its events, the commands it owes and its timers, as one append."""

from dataclasses import dataclass

from angzarr_store._ledger import Change, Lease
from angzarr_store._rows import Batch, RootKey

TimerPlace = tuple[str, str, bytes, str]
FIRST_TIMER: TimerPlace = ("", "", b"", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """What is due to the process `key` at `deadline`; one per key and type.

    Shape: `deadline` is RFC 3339 in UTC with nine digits of a second, so that the order of texts
    is that of times.
    """

    key: RootKey
    timer_type: str
    correlation_id: str
    deadline: str
    set_at: str

    @property
    def place(self) -> TimerPlace:
        """Return where it stands among the timers of its domain."""
        return (self.deadline, self.key.edition, self.key.root, self.timer_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessBatch(Batch):
    """A batch of a process manager and what is stored with it, all or not at all.

    Shape: `changes` are made under `lease`; `armed` timers replace those of their type, those of
    the types `disarmed` go. `fires` is the timer whose time has come: without its row nothing is
    stored, and it goes with the batch, also with one that is stored already.
    Rule: reliability.md §2.3, contract.md §4.7 step 6.
    """

    lease: Lease | None = None
    changes: tuple[Change, ...] = ()
    armed: tuple[Timer, ...] = ()
    disarmed: tuple[str, ...] = ()
    fires: Timer | None = None
