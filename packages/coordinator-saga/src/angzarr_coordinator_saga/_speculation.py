"""angzarr.SagaCoordinator, each method named as on the wire."""

from angzarr.types_pb2 import SagaExecuteRequest, SagaResponse
from angzarr_coordinator_saga._saga import Saga
from angzarr_delivery import FailedError
from angzarr_reaction import as_answer
from angzarr_service import Call, RequestError


class Speculation:
    """What the saga would decide; nothing is read, stored or sent (contract.md §4.5)."""

    def __init__(self) -> None:
        self._saga: Saga | None = None

    def worked_by(self, saga: Saga) -> None:
        """Ask this one from now on."""
        self._saga = saga

    async def ExecuteSpeculative(self, request: SagaExecuteRequest, _: Call) -> SagaResponse:  # noqa: N802 - the name on the wire
        """Return the reply of logic to the given books, its commands stamped."""
        if not request.source.pages:
            text = "SagaExecuteRequest must have a source"
            raise RequestError("INVALID_ARGUMENT", text, field="source")
        if self._saga is None:
            raise RequestError("NOT_READY", "Not ready: the logic has not been asked what it reads")
        try:
            return await self._saga.foresee(request)
        except FailedError as failure:
            raise as_answer(failure) from failure
