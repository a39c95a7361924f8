"""The projection of one event (contract.md §4.8)."""

from collections.abc import Sequence

from angzarr import rpc
from angzarr.types_pb2 import EventBook, Projection, SyncEventBook, SyncMode
from angzarr_delivery import Commit, FailedError, Occurrence, PauseError
from angzarr_ports import Faults
from angzarr_service import CallError, Channels, encoded_status
from angzarr_settings import ComponentSettings
from angzarr_store import Change, SaveProjection


class Projector:
    """Calls the author's projector and keeps what it returns with the checkpoint."""

    def __init__(
        self,
        component: ComponentSettings,
        channels: Channels,
        faults: Faults,
        *,
        timeout_seconds: float,
    ) -> None:
        self._name = component.name
        self._address = component.logic
        self._channels = channels
        self._faults = faults
        self._timeout_seconds = timeout_seconds
        self._is_foreign = False

    async def apply(self, event: Occurrence, _commit: Commit) -> Sequence[Change]:
        """Return the projection as a change to store.

        Raises:
            FailedError: the projector failed on this event.
            PauseError: it cannot be reached, or serves neither of the two services.
        """
        self._faults.at("Q3")
        projection = await self._project(event.book)
        self._faults.at("Q4")
        if not projection.HasField("cover"):
            projection.cover.CopyFrom(event.book.cover)
        projection.projector = projection.projector or self._name
        projection.sequence = projection.sequence or event.sequence
        encoded = projection.SerializeToString()
        return [SaveProjection(key=event.key, sequence=event.sequence, projection=encoded)]

    async def _project(self, book: EventBook) -> Projection:
        if not self._is_foreign:
            try:
                return await self._handle(book)
            except CallError as error:
                if not error.status.is_unimplemented:
                    raise self._meaning(error) from error
        try:
            projection = await self._handle_sync(book)
        except CallError as error:
            self._is_foreign = False
            if error.status.is_unimplemented:
                raise PauseError("the logic serves no projector") from error
            raise self._meaning(error) from error
        self._is_foreign = True
        return projection

    async def _handle(self, book: EventBook) -> Projection:
        return await self._channels.call(
            self._address, rpc.Projector.Handle, book, timeout_seconds=self._timeout_seconds
        )

    async def _handle_sync(self, book: EventBook) -> Projection:
        request = SyncEventBook(events=book, sync_mode=SyncMode.SYNC_MODE_SIMPLE)
        return await self._channels.call(
            self._address,
            rpc.ProjectorCoordinator.HandleSync,
            request,
            timeout_seconds=self._timeout_seconds,
        )

    def _meaning(self, error: CallError) -> Exception:
        if error.status.is_unavailable:
            return PauseError(error.status.message)
        reason = error.peer_reason or "LOGIC_FAILED"
        is_hopeless = reason == "MESSAGE_TOO_LARGE"
        return FailedError(encoded_status(error), reason, final=is_hopeless)
