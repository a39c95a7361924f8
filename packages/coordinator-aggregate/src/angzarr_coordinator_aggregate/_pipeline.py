"""A command on its way: lane, state, decision, append, announcement (contract.md §4.1)."""

import asyncio
from functools import partial

from angzarr.types_pb2 import CommandResponse, EventPage, RpcStatus
from angzarr_coordinator_aggregate._decider import Decider
from angzarr_coordinator_aggregate._lanes import Lanes
from angzarr_coordinator_aggregate._order import Order
from angzarr_coordinator_aggregate._states import States
from angzarr_log import Announcer, timeline_of
from angzarr_ports import Faults
from angzarr_replay import book_of
from angzarr_service import CallError, RequestError
from angzarr_store import (
    Appended,
    Batch,
    CommandIdReusedError,
    ConflictError,
    EventLog,
    StoreError,
    StoreUnavailableError,
    UnknownOutcomeError,
)

CONFLICT_RUNS = 5
MISSED_PAGES = 16
MISSED_BYTES = 1024 * 1024


class Pipeline:
    """Runs admitted commands against one domain's log."""

    def __init__(
        self,
        log: EventLog,
        lanes: Lanes,
        states: States,
        decider: Decider,
        announcer: Announcer,
        faults: Faults,
    ) -> None:
        self._log = log
        self._lanes = lanes
        self._states = states
        self._decider = decider
        self._announcer = announcer
        self._faults = faults

    async def run(self, order: Order) -> tuple[CommandResponse, bool]:
        """Return the stored pages of the command, and whether it is a repeat.

        Raises:
            RequestError, CallError, StoreError: the rows of contract.md §4.1.
        """
        async with self._lanes.enter(order.key):
            appended = await self._settle(order)
        row = appended.row
        if row.status is not None:
            raise CallError(RpcStatus.FromString(row.status), row.status, reached=True)
        response = CommandResponse(position=row.first_position + max(row.count - 1, 0))
        response.events.cover.CopyFrom(order.book.cover)
        response.events.pages.extend(EventPage.FromString(page) for page in appended.pages)
        return response, appended.repeated

    async def _settle(self, order: Order) -> Appended:
        """Return the first result of the command id, else a new one (reliability.md P2, P5)."""
        if not order.is_named:
            return await self._decide(order, None)
        found, following = await self._recall(order)
        self._faults.at("K2")
        if found is not None:
            return found
        try:
            return await self._decide(order, following)
        except (RequestError, CallError, StoreUnavailableError):
            found, _ = await self._recall(order)
            if found is None:
                raise
            return found

    async def _decide(self, order: Order, following: int | None) -> Appended:
        conflict = ConflictError(order.expected or 0, following or 0)
        for _ in range(CONFLICT_RUNS):
            state = await self._states.load(order, following)
            self._faults.at("K3")
            base = state.next_sequence
            if order.expected in {None, base}:
                batch, offered = await self._decider.decide(order, state)
                try:
                    appended = await self._append(order, batch)
                except ConflictError as error:
                    conflict, following = error, None
                else:
                    again = partial(self._decider.offered, order)
                    self._states.offer(appended, state, offered, again)
                    return appended
            else:
                _, following = await self._recall(order)
                if following == base:
                    raise await self._mismatch(order, base)
                conflict = ConflictError(base, following)
            self._states.forget(order.key)
        raise conflict

    async def _append(self, order: Order, batch: Batch) -> Appended:
        order.call.act(order.command_id)
        try:
            async with asyncio.timeout(order.left_seconds):
                appended = await self._log.append(batch)
                self._faults.at("K11")
        except TimeoutError as error:
            self._states.forget(order.key)
            raise order.call.late() from error
        except asyncio.CancelledError:
            self._states.forget(order.key)
            raise
        except StoreError as error:
            self._states.forget(order.key)
            raise _refusal(order, error) from error
        if appended.pages and not appended.repeated:
            self._announcer.announce(batch, appended)
            pages = [EventPage.FromString(it) for it in appended.pages]
            await self._states.advance(order.key, pages)
        return appended

    async def _recall(self, order: Order) -> tuple[Appended | None, int]:
        found, following = await self._log.recall(order.command_id, order.key)
        if found is not None and not found.row.is_of(order.key, order.book.type_url):
            raise CommandIdReusedError(order.command_id)
        timeline = await timeline_of(self._log, order.key, order.divergence)
        return found, following if timeline.following is None else timeline.following

    async def _mismatch(self, order: Order, base: int) -> RequestError:
        """Return the refusal with the pages that the sender did not know (contract.md §6)."""
        expected = order.expected or 0
        timeline = await timeline_of(self._log, order.key, order.divergence)
        missed = await timeline.read(
            first=expected,
            last=expected + MISSED_PAGES - 1,
            limit_bytes=MISSED_BYTES,
        )
        return RequestError(
            "SEQUENCE_MISMATCH",
            f"Sequence mismatch: command expects {expected}, aggregate at {base}",
            expected=str(expected),
            next=str(base),
        ).with_missed(book_of(self._log.domain, order.key, missed), base - expected)


def _refusal(order: Order, error: StoreError) -> Exception:
    """Return what a failure of the append means; all but an unknown outcome are definite."""
    if not isinstance(error, UnknownOutcomeError):
        order.call.settle()
    if type(error) is not StoreUnavailableError:
        return error
    text = f"Failed to persist events: {error.why}"
    return RequestError("STORE_WRITE_FAILED", text, command_id=order.command_id)
