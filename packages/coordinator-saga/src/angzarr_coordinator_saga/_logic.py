"""The saga's logic behind its address: what its silence and its failures mean."""

from collections.abc import Sequence

from angzarr import rpc
from angzarr.types_pb2 import (
    Cover,
    EventBook,
    SagaExecuteRequest,
    SagaPrepareRequest,
    SagaResponse,
)
from angzarr_delivery import FailedError, PauseError
from angzarr_ports import Faults
from angzarr_service import CallError, Channels, encoded_status


class Logic:
    """Prepare and Execute; a saga that has no Prepare needs no destinations."""

    def __init__(
        self, address: str, channels: Channels, faults: Faults, *, timeout_seconds: float
    ) -> None:
        self._address = address
        self._channels = channels
        self._faults = faults
        self._timeout_seconds = timeout_seconds

    async def prepare(self, source: EventBook) -> Sequence[Cover]:
        """Return the roots that the saga wants to see.

        Raises:
            FailedError: it failed.
            PauseError: it cannot be reached.
        """
        try:
            response = await self._channels.call(
                self._address,
                rpc.Saga.Prepare,
                SagaPrepareRequest(source=source),
                timeout_seconds=self._timeout_seconds,
            )
        except CallError as error:
            if error.status.is_unimplemented:
                return []
            raise self._meaning(error) from error
        return response.destinations

    async def execute(self, source: EventBook, destinations: Sequence[EventBook]) -> SagaResponse:
        """Return what the saga decides.

        Raises:
            FailedError: it failed.
            PauseError: it cannot be reached, or does not serve sagas.
        """
        request = SagaExecuteRequest(source=source, destinations=destinations)
        self._faults.at("Q3")
        try:
            response = await self._channels.call(
                self._address, rpc.Saga.Execute, request, timeout_seconds=self._timeout_seconds
            )
        except CallError as error:
            if error.status.is_unimplemented:
                raise PauseError("the logic does not serve angzarr.Saga") from error
            raise self._meaning(error) from error
        self._faults.at("Q4")
        return response

    def _meaning(self, error: CallError) -> Exception:
        if error.status.is_unavailable:
            return PauseError(error.status.message)
        reason = error.peer_reason or "LOGIC_FAILED"
        is_hopeless = reason == "MESSAGE_TOO_LARGE"
        return FailedError(encoded_status(error), reason, final=is_hopeless)
