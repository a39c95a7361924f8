"""The process manager's logic behind its address: what its silence and its failures mean."""

from collections.abc import Sequence

from angzarr import rpc
from angzarr.process_manager_pb2 import (
    ProcessManagerHandleRequest,
    ProcessManagerHandleResponse,
    ProcessManagerPrepareRequest,
)
from angzarr.types_pb2 import Cover
from angzarr_delivery import FailedError, PauseError
from angzarr_ports import Faults
from angzarr_service import CallError, Channels, encoded_status


class Logic:
    """Prepare and Handle; a process manager that has no Prepare needs no destinations."""

    def __init__(
        self, address: str, channels: Channels, faults: Faults, *, timeout_seconds: float
    ) -> None:
        self._address = address
        self._channels = channels
        self._faults = faults
        self._timeout_seconds = timeout_seconds

    async def prepare(self, request: ProcessManagerPrepareRequest) -> Sequence[Cover]:
        """Return the roots that the process wants to see.

        Raises:
            FailedError: it failed.
            PauseError: it cannot be reached.
        """
        try:
            response = await self._channels.call(
                self._address,
                rpc.ProcessManager.Prepare,
                request,
                timeout_seconds=self._timeout_seconds,
            )
        except CallError as error:
            if error.status.is_unimplemented:
                return []
            raise self._meaning(error) from error
        return response.destinations

    async def handle(self, request: ProcessManagerHandleRequest) -> ProcessManagerHandleResponse:
        """Return what the process decides.

        Raises:
            FailedError: it failed.
            PauseError: it cannot be reached, or does not serve process managers.
        """
        self._faults.at("Q3")
        try:
            response = await self.ask(request)
        except CallError as error:
            if error.status.is_unimplemented:
                raise PauseError("the logic does not serve angzarr.ProcessManager") from error
            raise self._meaning(error) from error
        self._faults.at("Q4")
        return response

    async def ask(self, request: ProcessManagerHandleRequest) -> ProcessManagerHandleResponse:
        """Return what the process would decide.

        Raises:
            CallError: it failed, or cannot be reached.
        """
        return await self._channels.call(
            self._address,
            rpc.ProcessManager.Handle,
            request,
            timeout_seconds=self._timeout_seconds,
        )

    def _meaning(self, error: CallError) -> Exception:
        if error.status.is_unavailable:
            return PauseError(error.status.message)
        reason = error.peer_reason or "LOGIC_FAILED"
        is_hopeless = reason == "MESSAGE_TOO_LARGE"
        return FailedError(encoded_status(error), reason, final=is_hopeless)
