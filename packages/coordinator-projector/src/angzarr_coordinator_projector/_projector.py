"""The projection of one event (contract.md §4.8)."""

from collections.abc import Sequence

from angzarr import rpc
from angzarr.types_pb2 import EventBook, Projection, SyncEventBook, SyncMode
from angzarr_delivery import Commit, Occurrence, PauseError
from angzarr_ports import Faults
from angzarr_reaction import Logic
from angzarr_service import CallError
from angzarr_store import Change, SaveProjection


class Projector:
    """Calls the author's projector and keeps what it returns with the checkpoint.

    `service` is the one that it serves: projector or coordinator; auto, whichever answers.
    """

    def __init__(self, name: str, logic: Logic, service: str, faults: Faults) -> None:
        self._name = name
        self._logic = logic
        self._faults = faults
        self._service = service
        self._is_foreign = service == "coordinator"

    async def apply(self, event: Occurrence, _commit: Commit) -> Sequence[Change]:
        """Return the projection as a change to store.

        Raises:
            FailedError: the projector failed on this event.
            PauseError: it cannot be reached, or serves neither of the two services.
        """
        self._faults.at("Q3")
        projection = await self._project(event.book)
        self._faults.at("Q4")
        projection.fill(event.book.cover, self._name, event.sequence)
        encoded = projection.SerializeToString()
        return [SaveProjection(key=event.key, sequence=event.sequence, projection=encoded)]

    async def _project(self, book: EventBook) -> Projection:
        if not self._is_foreign:
            try:
                return await self._handle(book)
            except CallError as error:
                if not error.status.is_unimplemented:
                    raise self._logic.failure(error) from error
                if self._service == "projector":
                    raise PauseError("the logic serves no projector") from error
        try:
            projection = await self._handle_sync(book)
        except CallError as error:
            self._is_foreign = self._service == "coordinator"
            if error.status.is_unimplemented:
                raise PauseError("the logic serves no projector") from error
            raise self._logic.failure(error) from error
        self._is_foreign = True
        return projection

    async def _handle(self, book: EventBook) -> Projection:
        return await self._logic.ask(rpc.Projector.Handle, book)

    async def _handle_sync(self, book: EventBook) -> Projection:
        request = SyncEventBook(events=book, sync_mode=SyncMode.SYNC_MODE_SIMPLE)
        return await self._logic.ask(rpc.ProjectorCoordinator.HandleSync, request)
