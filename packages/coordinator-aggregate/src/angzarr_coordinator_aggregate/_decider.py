"""What a command leads to: the answer of logic as a batch to append (contract.md §4.1, 9 to 14)."""

from google.protobuf.any_pb2 import Any

from angzarr.types_pb2 import BusinessResponse, EventBook, EventPage
from angzarr_coordinator_aggregate._failures import FailureRecords
from angzarr_coordinator_aggregate._logic import Logic
from angzarr_coordinator_aggregate._order import Order
from angzarr_coordinator_aggregate._revoked import Revoked
from angzarr_dispatch import escalate
from angzarr_log import ReplyRule
from angzarr_ports import Clock
from angzarr_service import CallError, RequestError, encoded_status
from angzarr_store import Batch


class Decider:
    """Asks logic, checks its reply, makes the batch."""

    def __init__(
        self,
        logic: Logic | FailureRecords,
        rule: ReplyRule,
        revoked: Revoked,
        clock: Clock,
        *,
        limit_seconds: float,
    ) -> None:
        self._logic = logic
        self._rule = rule
        self._revoked = revoked
        self._clock = clock
        self._limit_seconds = limit_seconds

    async def decide(self, order: Order, state: EventBook) -> tuple[Batch, Any]:
        """Return what to store, pages or a refusal, and what logic says that the root is then.

        Raises:
            CallError: logic failed; this attempt has no result.
            RequestError: logic is silent or late, its reply is invalid, or the time is over.
        """
        try:
            reply = await self._reply(order, state)
        except CallError as failure:
            if failure.reason != "LOGIC_REJECTED":
                raise
            return self._refusal(order, state, failure), Any()
        if reply.WhichOneof("result") == "revocation":
            if reply.revocation.escalate and not order.book.is_revocation:
                escalate(reply.revocation.reason, order.book)
            error = self._revocation(reply)
            if reply.revocation.send_to_dead_letter_queue and not _has_letter(order):
                await self._revoked.park(order, error)
            return self._refusal(order, state, error), Any()
        return self._acceptance(order, state, reply.events), reply.events.snapshot_state

    async def offered(self, order: Order, state: EventBook) -> Any:
        """Return what logic says that the root is after the command; empty without an answer.

        Raises:
            CallError, RequestError: as of `decide`.
        """
        limit = self._limit_seconds
        return (await self._logic.handle(state, order.book, limit)).events.snapshot_state

    async def foresee(self, order: Order, state: EventBook) -> list[EventPage]:
        """Return the pages that a command would lead to; no flag of a revocation acts.

        Raises:
            CallError: logic refuses, or failed.
            RequestError: logic revokes; else as of `decide`.
        """
        reply = await self._reply(order, state)
        if reply.WhichOneof("result") == "revocation":
            raise self._revocation(reply)
        now = self._clock.now()
        return self._rule.pages(reply.events, order.book, state.next_sequence, now)

    async def _reply(self, order: Order, state: EventBook) -> BusinessResponse:
        left = order.left_seconds
        if not left:
            raise order.call.late()
        return await self._logic.handle(state, order.book, min(left, self._limit_seconds))

    def _revocation(self, reply: BusinessResponse) -> RequestError:
        text = f"Command revoked: {reply.revocation.reason}"
        return RequestError("COMMAND_REVOKED", text, **reply.revocation.metadata)

    def _acceptance(self, order: Order, state: EventBook, reply: EventBook) -> Batch:
        now = self._clock.now()
        pages = self._rule.pages(reply, order.book, state.next_sequence, now)
        return Batch(
            command_id=order.command_id,
            key=order.key,
            type_url=order.book.type_url,
            base=state.next_sequence,
            correlation_id=reply.cover.correlation_id or order.book.cover.correlation_id,
            created_at=now.isoformat(),
            pages=tuple(page.SerializeToString() for page in pages),
            divergence=order.divergence,
        )

    def _refusal(self, order: Order, state: EventBook, error: CallError | RequestError) -> Batch:
        return Batch(
            command_id=order.command_id,
            key=order.key,
            type_url=order.book.type_url,
            base=state.next_sequence,
            correlation_id=order.book.cover.correlation_id,
            created_at=self._clock.now().isoformat(),
            status=encoded_status(error),
            recorded=order.is_named,
            divergence=order.divergence,
        )


def _has_letter(order: Order) -> bool:
    """Say whether the command is a letter already, or its sender makes one of the refusal."""
    return order.is_replay or order.book.is_revocation
