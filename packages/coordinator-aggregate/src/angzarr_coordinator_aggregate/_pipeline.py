"""A command on its way: lane, state, logic, append, acknowledge, wake (contract.md §4.1)."""

import asyncio
from dataclasses import dataclass

from angzarr.types_pb2 import (
    CommandBook,
    CommandResponse,
    EventBook,
    EventPage,
    RpcStatus,
)
from angzarr_bus import Bus, Frame
from angzarr_coordinator_aggregate._lanes import Lanes
from angzarr_coordinator_aggregate._logic import Logic
from angzarr_coordinator_aggregate._reply import ReplyRule
from angzarr_coordinator_aggregate._states import States
from angzarr_ports import System
from angzarr_service import Call, CallError, RequestError, encoded_status
from angzarr_store import (
    Appended,
    Batch,
    ConflictError,
    EventLog,
    RootKey,
    StoreError,
)

CONFLICT_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One admitted command: `own_id` says that the sender named the command id."""

    book: CommandBook
    key: RootKey
    own_id: bool
    deadline: float

    @property
    def is_checked(self) -> bool:
        """Say whether the sequence must be the root's next (a saga's command is not checked)."""
        return not self.book.HasField("saga_origin")


class Pipeline:
    """Runs admitted commands against one domain's log."""

    def __init__(
        self, log: EventLog, logic: Logic, bus: Bus, system: System, rule: ReplyRule
    ) -> None:
        self._log = log
        self._logic = logic
        self._bus = bus
        self._system = system
        self._rule = rule

    def arrange(self, lanes: Lanes, states: States, logic_seconds: float) -> "Pipeline":
        """Set the lanes, the states and the time logic gets; return the pipeline."""
        self._lanes = lanes
        self._states = states
        self._logic_seconds = logic_seconds
        return self

    async def run(self, book: CommandBook, call: Call) -> CommandResponse:
        """Return the stored pages of the command, also when it is a repeat.

        Raises:
            RequestError, CallError, StoreError: the rows of contract.md §4.1.
        """
        key = RootKey(edition=book.cover.edition_name, root=book.cover.root.value)
        own_id = bool(book.command_id)
        book.command_id = book.command_id or str(self._system.randomness.uuid4())
        order = Order(book=book, key=key, own_id=own_id, deadline=call.deadline)
        async with self._lanes.enter(key):
            recalled = await self._recalled(order) if own_id else None
            appended = recalled or await self._decide(order)
        return self._answer(order, appended)

    async def _decide(self, order: Order) -> Appended:
        conflict: ConflictError | None = None
        for _ in range(CONFLICT_RUNS):
            state = await self._states.load(order.key)
            base = state.next_sequence
            if order.is_checked and order.book.pages[0].sequence != base:
                return await self._mismatch(order, base)
            batch = await self._consult(order, state)
            try:
                return await self._append(order, batch)
            except ConflictError as error:
                self._states.forget(order.key)
                conflict = error
        raise conflict or AssertionError

    async def _consult(self, order: Order, state: EventBook) -> Batch:
        left = order.deadline - self._system.clock.monotonic()
        if left <= 0:
            raise RequestError("DEADLINE", "Deadline exceeded; nothing was stored")
        try:
            reply = await self._logic.handle(state, order.book, min(left, self._logic_seconds))
        except CallError as failure:
            if failure.reason != "LOGIC_REJECTED":
                raise
            return self._rejection(order, state.next_sequence, failure)
        if reply.WhichOneof("result") == "revocation":
            text = f"Command revoked: {reply.revocation.reason}"
            error = RequestError("COMMAND_REVOKED", text, **reply.revocation.metadata)
            return self._rejection(order, state.next_sequence, error)
        pages = self._rule.pages(reply.events, order.book, state.next_sequence, self._system.clock)
        correlation = reply.events.cover.correlation_id or order.book.cover.correlation_id
        return self._batch(order, state.next_sequence, correlation, pages)

    def _batch(self, order: Order, base: int, correlation: str, pages: list[EventPage]) -> Batch:
        return Batch(
            command_id=order.book.command_id,
            key=order.key,
            type_url=order.book.type_url,
            base=base,
            correlation_id=correlation,
            created_at=self._system.clock.now().isoformat(),
            pages=tuple(page.SerializeToString() for page in pages),
        )

    def _rejection(self, order: Order, base: int, error: CallError | RequestError) -> Batch:
        return Batch(
            command_id=order.book.command_id,
            key=order.key,
            type_url=order.book.type_url,
            base=base,
            correlation_id=order.book.cover.correlation_id,
            created_at=self._system.clock.now().isoformat(),
            status=encoded_status(error),
            recorded=order.own_id,
        )

    async def _append(self, order: Order, batch: Batch) -> Appended:
        left = order.deadline - self._system.clock.monotonic()
        try:
            async with asyncio.timeout(max(left, 0)):
                appended = await self._log.append(batch)
        except TimeoutError as error:
            self._states.forget(order.key)
            raise _unknown(order) from error
        except ConflictError:
            raise
        except (StoreError, asyncio.CancelledError):
            self._states.forget(order.key)
            raise
        if appended.pages and not appended.repeated:
            self._states.advance(order.key, [EventPage.FromString(p) for p in appended.pages])
            self._wake(order, batch, appended)
        return appended

    async def _recalled(self, order: Order) -> Appended | None:
        found, _ = await self._log.recall(order.book.command_id, order.key)
        if found is not None and not found.row.is_of(order.key, order.book.type_url):
            id_ = order.book.command_id
            text = f"Command id {id_} was already used for a different command"
            raise RequestError("COMMAND_ID_REUSED", text, command_id=id_)
        return found

    async def _mismatch(self, order: Order, base: int) -> Appended:
        found, following = await self._log.recall(order.book.command_id, order.key)
        if found is not None:
            return found
        expected = order.book.pages[0].sequence
        if following != base:
            self._states.forget(order.key)
        if following == expected:
            return await self._decide(order)
        raise RequestError(
            "SEQUENCE_MISMATCH",
            f"Sequence mismatch: command expects {expected}, aggregate at {following}",
            expected=str(expected),
            next=str(following),
        )

    def _answer(self, order: Order, appended: Appended) -> CommandResponse:
        row = appended.row
        if row.status is not None:
            raise CallError(RpcStatus.FromString(row.status), row.status, reached=True)
        response = CommandResponse(position=row.first_position + max(row.count - 1, 0))
        response.events.cover.CopyFrom(order.book.cover)
        response.events.pages.extend(EventPage.FromString(page) for page in appended.pages)
        return response

    def _wake(self, order: Order, batch: Batch, appended: Appended) -> None:
        self._bus.publish(
            Frame(
                domain=self._log.domain,
                epoch=appended.row.epoch,
                edition=order.key.edition,
                root=order.key.root,
                sequence=appended.row.first_sequence,
                position=appended.row.first_position,
                count=appended.row.count,
                command_id=batch.command_id,
                correlation_id=batch.correlation_id,
                pages=appended.pages,
            )
        )


def _unknown(order: Order) -> RequestError:
    text = "Outcome unknown; retry with the same command_id"
    id_ = order.book.command_id
    return RequestError("OUTCOME_UNKNOWN", text, outcome="unknown", late="true", command_id=id_)
