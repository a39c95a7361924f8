"""What a system holds at the end, as the checker wants it told."""

from collections.abc import Iterator

from google.protobuf.any_pb2 import Any as AnyMessage

from angzarr import type_name
from angzarr.types_pb2 import EventPage, Projection
from angzarr_history import Compared, Dumped, Invoked, Leased, Wanted
from angzarr_store import (
    MAIN_EDITION,
    CommandRow,
    Event,
    EventLog,
    LetterState,
    RootKey,
)

from .folds import state_at, states_of
from .operators import may_succeed
from .process_logic import TIMEOUT, plan_of
from .recorder import decision_of
from .shop_logic import DONE, root_of
from .system import Shop

REVOKE = "angzarr.RevokeEventCommand"


class Dump:
    """Reads the logs and ledgers of a system at rest."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._history = shop.recorder.history
        self._features = shop.features

    async def write(self) -> None:
        """Add everything to the history."""
        wanted: list[Wanted] = []
        for domain, log in self._shop.recorder.logs.items():
            page = await log.read_feed(after=0, limit=10**9, limit_bytes=10**12)
            rows = await self._rows(log, page.events)
            named = dict.fromkeys(it.key for it in page.events if not it.key.is_main)
            forks = [(key, (await log.fork(key)).pinned or 0) for key in named]
            self._history.add(
                Dumped(
                    domain=domain,
                    events=page.events,
                    commands=rows,
                    divergences=tuple((key.edition, key.root, at) for key, at in forks),
                )
            )
            wanted += self._wanted(domain, page.events)
            await self._compare(log, page.events, dict(forks))
            if domain == "stock" and "projector" in self._features.subscribers:
                await self._project(page.events)
        self._history.extend(wanted)
        for subscriber, domain in self._features.places:
            ledger = self._shop.ledgers[subscriber]
            lease = await ledger.acquire(subscriber, domain)
            found = Leased(lease=lease, backlog=await ledger.backlog(lease))
            self._history.add(found)
            if self._features.has_operator:
                self._shop.surprises += [
                    f"I16 Poison isolated: {it.id} is still parked, {it.reason}"
                    for it in found.backlog.letters
                    if it.is_open and may_succeed(it)
                ]

    async def _rows(self, log: EventLog, events: tuple[Event, ...]) -> tuple[CommandRow, ...]:
        anywhere = RootKey(edition=MAIN_EDITION, root=root_of(0))
        ids = {it.command_id: it.key for it in self._history if isinstance(it, Invoked)}
        ids |= dict.fromkeys(self._shop.recorder.reactions, anywhere)
        ids |= {it.command_id: it.key for it in events}
        found = [(await log.recall(id_, key))[0] for id_, key in sorted(ids.items(), key=_id)]
        return tuple(it.row for it in found if it is not None)

    async def _compare(
        self, log: EventLog, events: tuple[Event, ...], forks: dict[RootKey, int]
    ) -> None:
        """Check what logic had seen when it decided, and what snapshots say, by what is stored."""
        roots: dict[RootKey, list[Event]] = {}
        for event in events:
            roots.setdefault(event.key, []).append(event)
        for key, own in roots.items():
            if own[0].page is None:
                continue
            main = roots.get(key.on_main, [])[: forks.get(key, 0)]
            timeline = [*main, *own] if not key.is_main else own
            states = [it for it in states_of(timeline) if it[0].key == key]
            what = f"{log.domain}@{key.edition}/{key.root.hex()}"
            self._add(f"what was seen of {what}", *(b"".join(it) for it in _halves(states)))
            kept = await log.snapshot(key) if self._shop.offers else None
            if kept is not None:
                state = AnyMessage.FromString(kept.state).value
                self._add(f"snapshot of {what}", state, state_at(timeline, kept.sequence))

    async def _project(self, events: tuple[Event, ...]) -> None:
        ledger = self._shop.ledgers["projector"]
        lease = await ledger.acquire("projector", "stock")
        letters = (await ledger.backlog(lease)).letters
        left = {it.position for it in letters if it.state is not LetterState.RETRYING}
        left |= {it for place, it in self._shop.recorder.given_up if place[0] == "projector"}
        last: dict[RootKey, Event] = {}
        for event in events:
            if _done(event) is not None and event.position not in left and self._follows(event):
                last[event.key] = event
        for key, event in last.items():
            found = await ledger.projection(lease, key)
            shown = Projection.FromString(found[1]).projection.value if found else b""
            what = f"projector@{key.edition}/{key.root.hex()}"
            self._add(what, shown, _done(event) or b"")

    def _add(self, what: str, live: bytes, rebuilt: bytes) -> None:
        self._history.add(Compared(what=what, live=live, rebuilt=rebuilt))

    def _follows(self, event: Event) -> bool:
        return event.key.is_main or self._features.follows == "all"

    def _wanted(self, domain: str, events: tuple[Event, ...]) -> Iterator[Wanted]:
        readers = [name for name, read in self._features.places if read == domain]
        for event in events if readers else ():
            if event.page is None:
                continue
            page = EventPage.FromString(event.page)
            for name in readers:
                if self._wants(name, domain, event, type_name(page.event.type_url)):
                    yield _want(name, domain, event, page)

    def _wants(self, name: str, domain: str, event: Event, type_: str) -> bool:
        if (name, event.key.edition) in self._shop.recorder.gone:  # nobody heard that it is
            return False
        if domain == "process":
            return type_ == TIMEOUT or (type_ == REVOKE and self._features.takes_back)
        return type_ == type_name(DONE) and (name != "projector" or self._follows(event))


def _want(name: str, domain: str, event: Event, page: EventPage) -> Wanted:
    commands, pages, armed, _ = plan_of(page)
    is_process = name == "process"
    return Wanted(
        subscriber=name,
        domain=domain,
        position=event.position,
        key=event.key,
        sequence=event.sequence,
        commands=None if name == "projector" else commands,
        decision=decision_of(domain, event.key, event.sequence) if is_process else "",
        pages=pages if is_process else 0,
        timers=armed if is_process else (),
    )


def _done(event: Event) -> bytes | None:
    page = EventPage.FromString(event.page or b"")
    return page.event.value if page.event.type_url == DONE else None


def _halves(states: list[tuple[Event, bytes, bytes]]) -> tuple[list[bytes], list[bytes]]:
    return [it[1] for it in states], [it[2] for it in states]


def _id(item: tuple[str, RootKey]) -> str:
    return item[0]
