"""The bugs of reliability.md §9 and more, each a patch that the simulation must catch."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import NAMESPACE_OID

from angzarr import MAIN, rpc
from angzarr._identity import derive
from angzarr.types_pb2 import CommandBook, EventBook
from angzarr_append import Decision, Known, decide
from angzarr_bus import Frame
from angzarr_coordinator_aggregate._order import Order
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_coordinator_process_manager import _clockwork
from angzarr_coordinator_process_manager._clockwork import Clockwork
from angzarr_coordinator_process_manager._manager import Manager
from angzarr_coordinator_process_manager._processes import Processes
from angzarr_coordinator_saga._saga import Saga
from angzarr_delivery import Commit, Occurrence
from angzarr_delivery._committer import Committer
from angzarr_delivery._frontier import Frontier
from angzarr_dispatch import SourceEvent
from angzarr_log._snapshots import Offer
from angzarr_progress import Track
from angzarr_reader import Delta, Reader
from angzarr_simulation._store import SimulatedLog
from angzarr_store import (
    Appended,
    Batch,
    Change,
    ProcessBatch,
    SaveReaction,
    StoreError,
    Timer,
)
from angzarr_store_memory import _database

_COMMIT, _RECALL, _APPLY = Committer.commit, Pipeline._recall, Saga.apply  # noqa: SLF001 - what a bug changes
_ADMIT, _APPEND = Frontier.admit, SimulatedLog.append
_STORE, _FIRE, _DUE = _database.Database.append, Clockwork._fire, Processes.due  # noqa: SLF001 - what a bug changes
_REACT, _STAMP = Manager.apply, SourceEvent.stamp
_NUMBERS = count()


async def append_without_lock(self: SimulatedLog, batch: Batch) -> Appended:
    """B1: decide on what was read before, as if nobody else could append meanwhile."""
    rows: Any = vars(self._inner).get("_rows")
    if rows is None:  # SQLite has a lock of its own
        return await _APPEND(self, batch)
    row = rows.commands.get(batch.command_id)
    known = Known(
        head=rows.head,
        commands={batch.command_id: row} if row else {},
        next_sequences={batch.key: len(rows.roots.get(batch.key, []))},
        pages={batch.command_id: rows.pages_of(row)} if row else {},
    )
    decision = decide(self.domain, [batch], known)
    await self._disk.pause()
    for event in decision.events:
        rows.events.append(event)
        rows.roots.setdefault(event.key, []).append(event)
    rows.commands.update({it.command_id: it for it in decision.commands})
    rows.head = decision.head
    answer = decision.answers[0]
    if isinstance(answer, StoreError):
        raise answer
    return answer


async def checkpoint_first(
    self: Committer, changes: Sequence[Change], *, done: int | None = None
) -> None:
    """B2: store that an event is done, and its effect in a transaction behind that."""
    if done is not None:
        await _COMMIT(self, [], done=done)
    await _COMMIT(self, changes)


def gap_applied(_: Reader, frame: Frame | None) -> str:
    """B3: take a frame although frames before it are missing."""
    return "overflow" if frame is None else "reference" * frame.is_reference


def admit_anything(self: Frontier, delta: Delta) -> Iterator[tuple[int, EventBook]]:
    """B3: nor look whether it is the next one."""
    self.tip = delta.first - 1
    yield from _ADMIT(self, delta)


async def never_poll(self: Reader, admit: Callable[[Delta], Awaitable[None]]) -> str:
    """B4: trust that the bus brings everything."""
    while True:
        frame = await self._receive()
        reason = self._fault(frame)
        if frame is None or reason:
            return reason
        if frame.count and frame.position > self._known.tip:
            await admit(Delta.of_frame(frame, self._known.tip_chain))


async def forget_commands(self: Pipeline, order: Order) -> tuple[None, int]:
    """B5: do not look whether a command id was answered before."""
    _, following = await _RECALL(self, order)
    return None, following


def decide_anew(domain: str, group: Sequence[Batch], known: Known) -> Decision:
    """B5: neither look under the lock."""
    return decide(domain, group, replace(known, commands={}, pages={}))


async def ask_again(self: Saga, event: Occurrence, commit: Commit) -> Sequence[Change]:
    """B6: ignore what was decided before the crash."""
    return await _APPLY(self, replace(event, reactions=()), commit)


def snapshot_of_later(self: Offer) -> int:
    """B10: say that a snapshot includes one event more than it does."""
    return self.row.first_sequence + self.row.count


def keep_timer(self: _database.Database, domain: str, epoch: int, batch: Batch) -> Any:
    """B48: leave the timer that fires where it is."""
    answer = _STORE(self, domain, epoch, batch)
    fires = batch.fires if isinstance(batch, ProcessBatch) else None
    if fires is not None and not isinstance(answer, StoreError):
        self.logs[domain].timers.setdefault((batch.key, fires.timer_type), fires)
    return answer


async def fire_then_remove(self: Clockwork, timer: Timer) -> None:
    """B48: remove it in a transaction behind that."""
    await _FIRE(self, timer)
    await self._processes._log.cancel_timer(timer.key, timer.timer_type)  # noqa: SLF001 - what a bug changes


def number_firings(*_: object) -> str:
    """B48: under an id that is another each time."""
    return str(derive(NAMESPACE_OID, str(next(_NUMBERS)).encode()))


async def forget_timers(self: Processes) -> Sequence[Timer]:
    """B49: after a crash know only the timers that were set since."""
    began = vars(self).setdefault("began", self._system.clock.now().isoformat())
    return [it for it in await _DUE(self) if it.set_at >= began]


async def decide_again(self: Manager, event: Occurrence, commit: Commit) -> Sequence[Change]:
    """B50: ask again what follows from an event whose commands are recorded."""
    if event.reactions and not event.is_done:
        cover = event.book.cover
        key = self.processes.key_of(cover.edition_name, cover.correlation_id)
        state = await self.processes.state(key, cover.correlation_id)
        request = await self._request(event, state)
        response = await self.logic.decide(rpc.ProcessManager.Handle, request)
        anew = self.rules.reactions(response, self.rules.source(event))
        await commit([SaveReaction(reaction=it) for it in anew])
        event = replace(event, reactions=anew)
    return await _REACT(self, event, commit)


def stamp_main(self: SourceEvent, command: CommandBook, index: int) -> None:
    """B51: send the commands of an edition to main."""
    _STAMP(self, command, index)
    command.cover.edition.name = MAIN


def stands_far(_: Track, __: str) -> int:
    """B52: say that everything is applied before it is durable."""
    return 1 << 30


BUGS: dict[str, tuple[tuple[Any, str, Any], ...]] = {
    "B1": ((SimulatedLog, "append", append_without_lock),),
    "B2": ((Committer, "commit", checkpoint_first),),
    "B3": ((Reader, "_fault", gap_applied), (Frontier, "admit", admit_anything)),
    "B4": ((Reader, "_follow", never_poll),),
    "B5": ((Pipeline, "_recall", forget_commands), (_database, "decide", decide_anew)),
    "B6": ((Saga, "apply", ask_again),),
    "B10": ((Offer, "sequence", property(snapshot_of_later)),),
    "B48": (
        (_database.Database, "append", keep_timer),
        (Clockwork, "_fire", fire_then_remove),
        (_clockwork, "timer_event_id", number_firings),
    ),
    "B49": ((Processes, "due", forget_timers),),
    "B50": ((Manager, "apply", decide_again),),
    "B51": ((SourceEvent, "stamp", stamp_main),),
    "B52": ((Track, "position", stands_far),),
}


CAUGHT_BY = {
    "B1": "I18",
    "B2": "I12",
    "B3": "I9",
    "B4": "I9",
    "B5": "I5",
    "B6": "I13",
    "B10": "I20",
    "B48": "I11",
    "B49": "I9",
    "B50": "I13",
    "B51": "I2",
    "B52": "I14",
}


def bug(name: str) -> AbstractContextManager[None]:
    """Plant the bug `name`, none for "", and remove it at the end."""
    return patched(*(BUGS[name] if name else ()))


@contextmanager
def patched(*patches: tuple[Any, str, Any]) -> Iterator[None]:
    """Give owners other attributes until the end."""
    before = [(owner, attribute, getattr(owner, attribute)) for owner, attribute, _ in patches]
    try:
        for patch in patches:
            setattr(*patch)
        yield
    finally:
        for patch in before:
            setattr(*patch)
