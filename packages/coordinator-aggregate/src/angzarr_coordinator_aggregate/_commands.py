"""angzarr.AggregateCoordinator, each method named as on the wire."""

from angzarr.types_pb2 import CommandBook, CommandResponse
from angzarr_coordinator_aggregate._journal import Journal
from angzarr_coordinator_aggregate._order import Order
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_log import no_handler
from angzarr_ports import System
from angzarr_service import Admission, Call, CallError, RequestError
from angzarr_store import FencedError, StoreError


class Commands:
    """Commands of one domain."""

    def __init__(
        self, domain: str, pipeline: Pipeline, admission: Admission, system: System
    ) -> None:
        self._domain = domain
        self._pipeline = pipeline
        self._admission = admission
        self._system = system
        self._journal = Journal(domain, system)

    async def Handle(self, book: CommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Run one command to its durable end."""
        self._system.faults.at("K1")
        self._admission.admit(book, call)
        if book.cover.domain != self._domain:
            raise no_handler(book.cover.domain)
        if not book.cover.is_main:
            raise RequestError("UNIMPLEMENTED", "Editions are not served yet")
        began = self._system.clock.monotonic()
        try:
            response, repeated = await self._pipeline.run(Order.of(book, call, self._system))
        except (CallError, RequestError, StoreError) as error:
            self._journal.refused(book, error, began)
            if isinstance(error, FencedError):
                self._system.tasks.start("fence", _end(error))
            raise
        self._journal.accepted(book, response, began, repeated=repeated)
        return response


async def _end(error: FencedError) -> None:
    """End the process: another one owns the domain."""
    raise error
