"""The reaction to one event (contract.md §4.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from google.protobuf.any_pb2 import Any

from angzarr import rpc
from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerPrepareRequest
from angzarr.types_pb2 import CommandBook, EventBook, EventPage, RpcStatus
from angzarr_coordinator_process_manager._decision import Rules
from angzarr_coordinator_process_manager._processes import Processes
from angzarr_delivery import Commit, FailedError, Occurrence
from angzarr_dispatch import Answer
from angzarr_log import Snapshots
from angzarr_ports import System
from angzarr_reaction import Logic, Peers, Settlement, check_count
from angzarr_service import RequestError, encoded_status
from angzarr_store import (
    Appended,
    Change,
    ConflictError,
    DamagedError,
    EditionDeletedError,
    ProcessBatch,
    Reaction,
    RootKey,
    SaveReaction,
    StoreUnavailableError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejections:
    """Compensations of a process manager that takes its own rejections (contract.md §4.6 step 6).

    Without it they go where those of a saga go.
    """

    processes: Processes
    system: System

    async def record(self, command: CommandBook) -> Answer:
        """Append a RevokeEventCommand to the process whose command was rejected."""
        try:
            await self._append(command)
        except EditionDeletedError as error:
            return _refusal(RequestError("EDITION_DELETED", str(error)))
        except StoreUnavailableError as error:
            return _refusal(RequestError("STORE_READ_FAILED", f"Failed to load events: {error}"))
        return Answer(status=RpcStatus(), events=1)

    async def _append(self, command: CommandBook) -> None:
        cover, now = command.cover, self.system.clock.now()
        key = self.processes.key_of(cover.edition_name, cover.correlation_id)
        async with self.processes.hold(key):
            _, base = await self.processes.recall(command.command_id, key)
            page = EventPage(num=base, command_id=command.command_id)
            page.event.CopyFrom(command.pages[0].command)
            page.created_at.FromDatetime(now)
            await self.processes.append(
                ProcessBatch(
                    command_id=command.command_id,
                    key=key,
                    type_url=command.type_url,
                    base=base,
                    correlation_id=cover.correlation_id,
                    created_at=now.isoformat(),
                    pages=(page.SerializeToString(),),
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """Decides once, records the decision whole, then sends until every command has a result."""

    logic: Logic
    peers: Peers
    processes: Processes
    settlement: Settlement
    rules: Rules
    snapshots: Snapshots
    shows_history: bool
    system: System

    async def apply(self, event: Occurrence, commit: Commit) -> Sequence[Change]:
        """Bring every command of the event to a terminal result; once it is done, what is due.

        The event is done as soon as each rejection is recorded with its compensation.

        Raises:
            FailedError: logic, a read or a command failed.
            PauseError: the logic cannot be asked.
        """
        decided = event.reactions or ([] if event.is_done else await self._decided(event))
        left = await self.settlement.settle(event, decided, commit)
        if left is not None:
            raise self.settlement.failure(left)
        return []

    async def _decided(self, event: Occurrence) -> Sequence[Reaction]:
        cover = event.book.cover
        key = self.processes.key_of(cover.edition_name, cover.correlation_id)
        try:
            async with self.processes.hold(key):
                found, _ = await self.processes.recall(self.rules.id_of(event), key)
                return [] if found is not None else await self._decide(event, key)
        except EditionDeletedError:
            return []
        except (StoreUnavailableError, DamagedError) as error:
            text, reason = f"Failed to load events: {error}", "STORE_READ_FAILED"
            raise FailedError(encoded_status(RequestError(reason, text)), reason) from error

    async def _decide(self, event: Occurrence, key: RootKey) -> Sequence[Reaction]:
        state = await self.processes.state(key, event.book.cover.correlation_id)
        request = await self._request(event, state)
        response = await self.logic.decide(rpc.ProcessManager.Handle, request)
        batch = self.rules.batch(event, state, response, self.system.clock.now())
        reactions = [it.reaction for it in batch.changes if isinstance(it, SaveReaction)]
        if batch.pages or reactions or batch.armed or batch.disarmed:
            appended = await self._store(batch)
            event.remember(reactions)
            again = partial(self._offered, request)
            self.snapshots.offer(appended, state, response.process_events.snapshot_state, again)
        if reactions:
            self.system.faults.at("Q11")
        return reactions

    async def _request(self, event: Occurrence, state: EventBook) -> ProcessManagerHandleRequest:
        is_own = event.book.cover.domain == self.processes.domain
        trigger = event.book
        if self.shows_history and not is_own:
            trigger = await self.peers.history(event.book)
        asked = ProcessManagerPrepareRequest(
            trigger=trigger, process_state=state, new_from=event.sequence
        )
        covers = await self.logic.prepare(rpc.ProcessManager.Prepare, asked)
        check_count("destinations", len(covers), self.rules.limit_destinations)
        return ProcessManagerHandleRequest(
            trigger=trigger,
            process_state=state,
            destinations=await self.peers.fetch(covers, event.book.cover),
            new_from=event.sequence,
        )

    async def _offered(self, request: ProcessManagerHandleRequest, state: EventBook) -> Any:
        """Return what logic says that the process is then, by another history of it."""
        other = ProcessManagerHandleRequest()
        other.CopyFrom(request)
        other.process_state.CopyFrom(state)
        response = await self.logic.ask(rpc.ProcessManager.Handle, other)
        return response.process_events.snapshot_state

    async def _store(self, batch: ProcessBatch) -> Appended:
        try:
            return await self.processes.append(batch)
        except ConflictError as error:
            refusal = RequestError("CONFLICT", f"Sequence conflict: {error}")
            raise FailedError(encoded_status(refusal), "CONFLICT") from error


def _refusal(error: RequestError) -> Answer:
    return Answer(status=RpcStatus.FromString(encoded_status(error)), reason=error.reason)
