"""The built-in logic of angzarr.saga-failures (contract.md §4.6 step 4)."""

from google.protobuf.message import DecodeError

from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    EventBook,
    RpcStatus,
    SagaCompensationFailed,
)
from angzarr_service import CallError

INVALID_ARGUMENT, ALREADY_EXISTS = 3, 6
ACCEPTED = SagaCompensationFailed.DESCRIPTOR.full_name


class FailureRecords:
    """Stores what could not be taken back, one record per root, as it came."""

    async def handle(
        self, state: EventBook, command: CommandBook, _timeout_seconds: float
    ) -> BusinessResponse:
        """Return the command itself as the only event of its root.

        Raises:
            CallError: it is something else, or the root has its record.
        """
        if command.type_name != ACCEPTED:
            text = f"{FAILURE_DOMAIN} takes {ACCEPTED} only, not {command.type_name}"
            raise _refusal(INVALID_ARGUMENT, text)
        asked = command.pages[0].command
        try:
            SagaCompensationFailed.FromString(asked.value)
        except DecodeError as error:
            raise _refusal(INVALID_ARGUMENT, f"Malformed command: {ACCEPTED}") from error
        if state.next_sequence:
            raise _refusal(ALREADY_EXISTS, "The failure is already recorded")
        response = BusinessResponse()
        response.events.pages.add().event.CopyFrom(asked)
        return response


def _refusal(code: int, text: str) -> CallError:
    status = RpcStatus(code=code, message=text)
    return CallError(status, b"", reached=True).with_reason("LOGIC_REJECTED")
