"""angzarr.ProcessManagerCoordinator, each method named as on the wire."""

from angzarr import rpc
from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerHandleResponse
from angzarr.types_pb2 import CommandBook
from angzarr_coordinator_process_manager._decision import Rules
from angzarr_delivery import FailedError
from angzarr_dispatch import SourceEvent
from angzarr_reaction import Logic, as_answer
from angzarr_service import Call, RequestError


class Speculation:
    """What the logic would decide; nothing is stored or sent."""

    def __init__(self, logic: Logic, rules: Rules) -> None:
        self._logic = logic
        self._rules = rules

    async def HandleSpeculative(  # noqa: N802 - the name on the wire
        self, request: ProcessManagerHandleRequest, _call: Call
    ) -> ProcessManagerHandleResponse:
        """Return the reply of logic to the given books, its commands stamped."""
        if not request.trigger.pages:
            text = "ProcessManagerHandleRequest must have a trigger"
            raise RequestError("INVALID_ARGUMENT", text, field="trigger")
        response = await self._logic.speculate(rpc.ProcessManager.Handle, request)
        new = request.trigger.pages[-1]
        source = SourceEvent(
            component=self._rules.component,
            cover=request.trigger.cover,
            sequence=new.num,
            position=new.position,
        )
        try:
            stamped = self._rules.reactions(response, source)
        except FailedError as failure:
            raise as_answer(failure) from failure
        del response.commands[:]
        response.commands.extend(CommandBook.FromString(it.command) for it in stamped)
        return response
