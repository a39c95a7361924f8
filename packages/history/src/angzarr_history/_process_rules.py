"""What process managers do: their part of I9, I11 and I12 (contract.md §4.7)."""

from collections.abc import Iterator

from angzarr_history._facts import Facts
from angzarr_history._records import Record, Stepped, TimerCancelled, Wanted
from angzarr_store import ProcessBatch, RootKey, Timer

Slot = tuple[str, RootKey, str]


class Timers:
    """The timers that are set, as each append and each cancellation leaves them."""

    def __init__(self) -> None:
        self.set: dict[Slot, Timer] = {}

    def take(self, record: Record) -> Iterator[str]:
        """Follow one record; yield what it may not do: fire what is not set, or no more."""
        if isinstance(record, TimerCancelled):
            self.set.pop((record.domain, record.key, record.timer_type), None)
        elif isinstance(record, Stepped):
            batch, domain = record.batch, record.domain
            fires = batch.fires
            if fires is not None:
                found = self.set.pop((domain, fires.key, fires.timer_type), None)
                if found != fires:
                    yield f"{_told(domain, fires)} fired and was not set, or not any more"
            for timer_type in batch.disarmed:
                self.set.pop((domain, batch.key, timer_type), None)
            self.set.update({(domain, it.key, it.timer_type): it for it in batch.armed})


def fired_once(facts: Facts) -> Iterator[str]:
    """I11: a timer fires once after it was set."""
    timers = Timers()
    for record in facts.history:
        yield from timers.take(record)


def fired(facts: Facts) -> Iterator[str]:
    """I9: at rest no timer is set whose time has come."""
    timers = Timers()
    for record in facts.history:
        for _ in timers.take(record):
            pass
    for (domain, *_), timer in timers.set.items():
        if timer.deadline < facts.now:
            yield f"{_told(domain, timer)} was due and never fired"


def is_whole(it: Wanted, batch: ProcessBatch | None) -> bool:
    """Say whether an append has everything that an event leads to, or it leads to none."""
    if not it.decision:
        return True
    armed = {timer.timer_type for timer in batch.armed} if batch is not None else set()
    return batch is not None and len(batch.pages) == it.pages and armed.issuperset(it.timers)


def _told(domain: str, timer: Timer) -> str:
    return f"timer {timer.timer_type} of {domain}/{timer.key.root.hex()} for {timer.deadline}"
