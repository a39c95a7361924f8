"""The order of what callers hear: I7."""

from collections import defaultdict
from collections.abc import Iterator

from angzarr_history._facts import Facts, Root, told
from angzarr_history._records import Accepted, Invoked, ReadBegun, ReadEnded, Refused
from angzarr_store import Event


def linearizable(facts: Facts) -> Iterator[str]:
    """I7: what was answered before a call began is before it; reads are prefixes."""
    known = _Known(facts)
    for record in facts.history:
        match record:
            case Invoked():
                known.begin(record.command_id, (record.domain, record.key))
            case ReadBegun():
                known.begin(record.read, (record.domain, record.key))
            case Accepted(events=events) if events:
                yield from known.accept(record)
            case Refused(following=int()):
                yield from _refusal(facts, record, known.floor(record.command_id))
            case ReadEnded() if record.key.edition not in facts.deleted:
                yield from known.read(record)
            case _:
                pass


class _Known:
    """How far each root was known to go, now and when each call began."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._ends: dict[Root, int] = defaultdict(lambda: -1)
        self._floors: dict[object, int] = {}
        self._owned: set[Root] = set()
        self._fresh: set[object] = set()

    def begin(self, call: object, root: Root) -> None:
        """Note how far a root is known when a call begins, and whether it has events of its own."""
        self._floors.setdefault(call, self._ends[root])
        if root not in self._owned:
            self._fresh.add(call)

    def floor(self, call: object) -> int:
        """Return how far the root was known when a call began."""
        return self._floors.get(call, -1)

    def accept(self, answer: Accepted) -> Iterator[str]:
        """Take an answer with events."""
        root, floor = (answer.domain, answer.key), self.floor(answer.command_id)
        if answer.events[0].sequence <= floor:
            place = told(*root, answer.events[0].sequence)
            yield f"{answer.command_id} is at {place}, begun after {floor} was answered"
        self._owned.add(root)
        self._ends[root] = max(self._ends[root], answer.events[-1].sequence)

    def read(self, read: ReadEnded) -> Iterator[str]:
        """Take a read: of an edition without events of its own it shows main as it was."""
        root, end = (read.domain, read.key), len(read.pages)
        is_main = read.read in self._fresh and not _shows_own(self._facts, read)
        yield from _read(self._facts, read, self._floors[read.read], is_main=is_main)
        if end > self._facts.divergence(*root) and not is_main:
            self._ends[root] = max(self._ends[root], end - 1)


def _refusal(facts: Facts, refused: Refused, floor: int) -> Iterator[str]:
    following = refused.following or 0
    events = facts.roots.get((refused.domain, refused.key), [])
    ends = {0, *(it.sequence + 1 for it in _lasts(facts, refused.domain, events))}
    if not refused.key.is_main:  # a point may leave main anywhere
        ends.update(range(len(facts.roots.get((refused.domain, refused.key.on_main), [])) + 1))
    root = told(refused.domain, refused.key)
    if following not in ends or following <= floor:
        yield f"{refused.command_id} heard that {root} continues at {following}, which never was"


def _lasts(facts: Facts, domain: str, events: list[Event]) -> Iterator[Event]:
    for event in events:
        if facts.batches[domain, event.command_id][-1] is event:
            yield event


def _read(facts: Facts, read: ReadEnded, floor: int, *, is_main: bool) -> Iterator[str]:
    root = told(read.domain, read.key)
    if len(read.pages) - 1 < floor:
        yield f"a read of {root} ended at {len(read.pages) - 1}, begun after {floor} was answered"
    key = read.key.on_main if is_main else read.key
    for at, (sequence, page) in enumerate(read.pages):
        event = facts.seen(read.domain, key, at)
        if sequence != at or event is None or event.page != page:
            yield f"a read of {root} gave {sequence} at place {at}, which is not the log's"
            return


def _shows_own(facts: Facts, read: ReadEnded) -> bool:
    """Say whether a read of an edition shows events of its own, or main as it was until then."""
    at = facts.divergence(read.domain, read.key)
    if read.key.is_main or at >= len(read.pages):
        return True
    event = facts.event(read.domain, read.key, at)
    return event is not None and event.page == read.pages[at][1]
