"""One component is asked what became of one append, until it says so."""

from dataclasses import dataclass

from angzarr import rpc
from angzarr.progress_pb2 import AwaitRequest, AwaitResponse
from angzarr.types_pb2 import (
    ComponentOutcome,
    ComponentResult,
    EventBook,
    SyncEventBook,
    SyncMode,
)
from angzarr_cascade._append import Append
from angzarr_discovery import Component
from angzarr_feed import RemoteFeed
from angzarr_ports import System
from angzarr_progress import append_at
from angzarr_replicas import Replicas
from angzarr_service import CallError, Fault
from angzarr_store import StoreUnavailableError

NOT_FOUND = 5
DEPTH_LIMIT = 10
PAUSE_SECONDS = 0.1
AWAY, LATE = "unreachable", "not in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What became of `append` at `component`? Units: `until` is seconds of the clock."""

    component: Component
    append: Append
    until: float
    replicas: Replicas
    system: System

    async def answer(self) -> AwaitResponse | None:
        """Return the answer, in time; None from a component that is not interested."""
        if (why := self._why_not()) is not None:
            return self._found(ComponentResult.COMPONENT_RESULT_SKIPPED, why)
        why = LATE
        while self._left > 0:
            try:
                return self._placed(await self._ask())
            except StoreUnavailableError:
                why = AWAY
            except CallError as error:
                if _is_answer(error):
                    return self._answered(error)
                why = _why(error)
            await self.system.clock.sleep(min(PAUSE_SECONDS, max(0.0, self._left)))
        return self._found(ComponentResult.COMPONENT_RESULT_TIMED_OUT, why)

    def _why_not(self) -> str | None:
        """Return why the component is not asked, None when it is."""
        if self.append.depth > DEPTH_LIMIT:
            return f"depth limit of {DEPTH_LIMIT} reached"
        return "asynchronous" if self.component.asynchronous else None

    @property
    def _left(self) -> float:
        return self.until - self.system.clock.monotonic()

    async def _ask(self) -> AwaitResponse:
        request = AwaitRequest(
            component=self.component.name,
            domain=self.append.domain,
            position=self.append.position,
        )
        try:
            return await self.replicas.call(
                self.component, rpc.Progress.Await, request, timeout_seconds=self._left
            )
        except CallError as error:
            if self.component.kind != "projector" or not error.status.is_unimplemented:
                raise
        return await self._project()

    async def _project(self) -> AwaitResponse:
        """Return the projection of a foreign projector, which is not asked for its progress."""
        book = self.append.book or await self._read()
        request = SyncEventBook(events=book, sync_mode=SyncMode.SYNC_MODE_SIMPLE)
        method = rpc.ProjectorCoordinator.HandleSync
        projection = await self.replicas.call(
            self.component, method, request, timeout_seconds=self._left
        )
        found = self._found(ComponentResult.COMPONENT_RESULT_APPLIED, "")
        found.projection.CopyFrom(projection)
        found.projection.fill(book.cover, self.component.name, book.pages[-1].num)
        return found

    async def _read(self) -> EventBook:
        feed = RemoteFeed(self.append.domain, self.replicas)
        book = await append_at(feed, self.append.position)
        if book is None:
            raise StoreUnavailableError(f"position {self.append.position} is not there")
        return book

    def _placed(self, found: AwaitResponse) -> AwaitResponse:
        found.outcome.depth = self.append.depth
        return found

    def _answered(self, error: CallError) -> AwaitResponse | None:
        """Return what a refusal means that another attempt would not change."""
        if error.status.code == NOT_FOUND:
            return None
        if error.status.is_unimplemented:
            return self._found(ComponentResult.COMPONENT_RESULT_SKIPPED, "tells no progress")
        found = self._found(ComponentResult.COMPONENT_RESULT_PARKED, error.status.message)
        found.outcome.dead_letter_id = error.peer_metadata.get("id", "")
        return found

    def _found(self, result: ComponentResult.ValueType, message: str) -> AwaitResponse:
        outcome = ComponentOutcome(
            component=self.component.name,
            component_type=self.component.kind,
            result=result,
            domain=self.append.domain,
            position=self.append.position,
            message=message,
        )
        return self._placed(AwaitResponse(outcome=outcome))


def _is_answer(error: CallError) -> bool:
    is_parked = error.peer_reason == "PARKED"
    return is_parked or error.status.is_unimplemented or error.status.code == NOT_FOUND


def _why(error: CallError) -> str:
    """Return why there is no answer; the words of a peer may hold an address."""
    if error.fault is Fault.LATENESS:
        return LATE
    return AWAY if error.status.is_unavailable else f"failed with code {error.status.code}"
