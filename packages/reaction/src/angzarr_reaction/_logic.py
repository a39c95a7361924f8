"""The author's logic behind its address: what its silence and its failures mean."""

from collections.abc import Sequence
from typing import TypeVar

from google.protobuf.message import Message

from angzarr import Method
from angzarr.process_manager_pb2 import ProcessManagerPrepareResponse
from angzarr.types_pb2 import Cover, SagaPrepareResponse
from angzarr_delivery import FailedError, PauseError
from angzarr_ports import Faults
from angzarr_service import CallError, Channels, encoded_status

Metadata = tuple[tuple[str, str], ...]

SPECULATIVE: Metadata = (("x-angzarr-speculative", "true"),)
REBUILD: Metadata = (("x-angzarr-rebuild", "true"),)

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)
PreparedT = TypeVar("PreparedT", SagaPrepareResponse, ProcessManagerPrepareResponse)


class Logic:
    """Calls of one logic, each with a deadline, and with `metadata` beside what it asks."""

    def __init__(
        self,
        address: str,
        channels: Channels,
        faults: Faults,
        *,
        timeout_seconds: float,
        metadata: Metadata = (),
    ) -> None:
        self._address = address
        self._channels = channels
        self._faults = faults
        self._timeout_seconds = timeout_seconds
        self._metadata = metadata

    async def prepare(
        self, method: Method[RequestT, PreparedT], request: RequestT
    ) -> Sequence[Cover]:
        """Return the roots that it wants to see; none without the method.

        Raises:
            FailedError: it failed.
            PauseError: it cannot be reached.
        """
        try:
            return (await self.ask(method, request)).destinations
        except CallError as error:
            if error.status.is_unimplemented:
                return []
            raise self.failure(error) from error

    async def decide(self, method: Method[RequestT, ReplyT], request: RequestT) -> ReplyT:
        """Return what it decides.

        Raises:
            FailedError: it failed.
            PauseError: it cannot be reached, or does not serve the method.
        """
        self._faults.at("Q3")
        try:
            reply = await self.ask(method, request)
        except CallError as error:
            if error.status.is_unimplemented:
                raise PauseError(f"the logic does not serve {method.service}") from error
            raise self.failure(error) from error
        self._faults.at("Q4")
        return reply

    async def ask(self, method: Method[RequestT, ReplyT], request: RequestT) -> ReplyT:
        """Return what it answers.

        Raises:
            CallError: it failed, or cannot be reached.
        """
        limit = self._timeout_seconds
        return await self._channels.call(
            self._address, method, request, timeout_seconds=limit, metadata=self._metadata
        )

    async def speculate(self, method: Method[RequestT, ReplyT], request: RequestT) -> ReplyT:
        """Return what it answers when it is told to have no effect (contract.md §4.10).

        Raises:
            CallError: it failed, or cannot be reached.
        """
        limit = self._timeout_seconds
        return await self._channels.call(
            self._address, method, request, timeout_seconds=limit, metadata=SPECULATIVE
        )

    @staticmethod
    def failure(error: CallError) -> FailedError | PauseError:
        """Return what an answer without a reply means for an event."""
        if error.status.is_unavailable:
            return PauseError(error.status.message)
        reason = error.peer_reason or "LOGIC_FAILED"
        is_hopeless = reason == "MESSAGE_TOO_LARGE"
        return FailedError(encoded_status(error), reason, final=is_hopeless)
