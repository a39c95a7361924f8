"""What process managers do: their part of I9, I11 and I12 (contract.md §4.7)."""

from collections.abc import Iterator

from angzarr_history._facts import Facts
from angzarr_history._later_records import Stepped, TimerCancelled
from angzarr_history._records import Wanted
from angzarr_store import ProcessBatch, RootKey, Timer

Slot = tuple[str, RootKey, str]


def fired_once(facts: Facts) -> Iterator[str]:
    """I11: a timer fires once after it was set."""
    yield from _followed(facts)[1]


def fired(facts: Facts) -> Iterator[str]:
    """I9: at rest no timer is set whose time has come."""
    for (domain, *_), timer in _followed(facts)[0].items():
        if timer.deadline < facts.now:
            yield f"{_told(domain, timer)} was due and never fired"


def is_whole(it: Wanted, batch: ProcessBatch | None) -> bool:
    """Say whether an append has everything that an event leads to."""
    armed = {timer.timer_type for timer in batch.armed} if batch else set()
    return batch is not None and len(batch.pages) == it.pages and armed >= {*it.timers}


def _followed(facts: Facts) -> tuple[dict[Slot, Timer], list[str]]:
    """Return the timers that are set in the end, and those that fired and were not set."""
    timers: dict[Slot, Timer] = {}
    wrong: list[str] = []
    for record in facts.history:
        if isinstance(record, TimerCancelled):
            timers.pop((record.domain, record.key, record.timer_type), None)
        elif isinstance(record, Stepped):
            batch, domain, fires = record.batch, record.domain, record.batch.fires
            if fires and timers.pop((domain, fires.key, fires.timer_type), None) != fires:
                wrong.append(f"{_told(domain, fires)} fired and was not set, or not any more")
            for timer_type in batch.disarmed:
                timers.pop((domain, batch.key, timer_type), None)
            timers.update({(domain, it.key, it.timer_type): it for it in batch.armed})
    return timers, wrong


def _told(domain: str, timer: Timer) -> str:
    return f"timer {timer.timer_type} of {domain}/{timer.key.root.hex()} for {timer.deadline}"
