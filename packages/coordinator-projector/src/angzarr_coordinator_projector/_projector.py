"""The projection of one event (contract.md §4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from angzarr import rpc
from angzarr.types_pb2 import EventBook, Projection, SyncEventBook, SyncMode
from angzarr_coordinator_projector._output import Output
from angzarr_delivery import Commit, Occurrence, PauseError
from angzarr_ports import Faults
from angzarr_reaction import Logic
from angzarr_service import CallError
from angzarr_store import Change, SaveProjection


@dataclass(slots=True, kw_only=True)
class Projector:
    """Calls the author's projector and keeps what it returns with the checkpoint.

    `service` is the one that it serves: projector or coordinator; auto, whichever answers.
    """

    name: str
    logic: Logic
    service: str
    faults: Faults
    output: Output | None
    _is_foreign: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._is_foreign = self.service == "coordinator"

    async def apply(self, event: Occurrence, _commit: Commit) -> Sequence[Change]:
        """Return the projection as a change to store.

        Raises:
            FailedError: the projector failed on this event.
            PauseError: it cannot be reached, or serves neither of the two services.
        """
        self.faults.at("Q3")
        projection = await self._project(event.book)
        self.faults.at("Q4")
        projection.fill(event.book.cover, self.name, event.sequence)
        if self.output is not None:
            self.output.offer(projection)
        encoded = projection.SerializeToString()
        return [SaveProjection(key=event.key, sequence=event.sequence, projection=encoded)]

    async def _project(self, book: EventBook) -> Projection:
        if not self._is_foreign:
            try:
                return await self._handle(book)
            except CallError as error:
                if self.service == "projector" or not error.status.is_unimplemented:
                    raise self._fault(error) from error
        try:
            projection = await self._handle_sync(book)
        except CallError as error:
            self._is_foreign = self.service == "coordinator"
            raise self._fault(error) from error
        self._is_foreign = True
        return projection

    def _fault(self, error: CallError) -> Exception:
        if error.status.is_unimplemented:
            return PauseError("the logic serves no projector")
        return self.logic.failure(error)

    async def _handle(self, book: EventBook) -> Projection:
        return await self.logic.ask(rpc.Projector.Handle, book)

    async def _handle_sync(self, book: EventBook) -> Projection:
        request = SyncEventBook(events=book, sync_mode=SyncMode.SYNC_MODE_SIMPLE)
        return await self.logic.ask(rpc.ProjectorCoordinator.HandleSync, request)
