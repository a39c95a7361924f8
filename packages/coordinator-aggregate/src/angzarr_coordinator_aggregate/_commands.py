"""angzarr.AggregateCoordinator, each method named as on the wire."""

from angzarr.types_pb2 import CommandBook, CommandResponse, DryRunRequest, SyncCommandBook
from angzarr_admission import Admission
from angzarr_cascade import Cascade
from angzarr_coordinator_aggregate._dry_runs import DryRuns
from angzarr_coordinator_aggregate._journal import Journal
from angzarr_coordinator_aggregate._order import Order
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_log import no_handler
from angzarr_ports import System
from angzarr_service import Call, CallError, RequestError, refuse
from angzarr_store import FencedError, StoreError

MARGIN_SECONDS = 0.1


class Commands:
    """Commands of one domain."""

    def __init__(
        self,
        domain: str,
        pipeline: Pipeline,
        dry_runs: DryRuns,
        admission: Admission,
        cascade: Cascade,
        system: System,
    ) -> None:
        self._domain = domain
        self._pipeline = pipeline
        self._dry_runs = dry_runs
        self._admission = admission
        self._cascade = cascade
        self._system = system
        self._journal = Journal(domain, system)

    async def Handle(self, book: CommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Run one command to its durable end."""
        self._system.faults.at("K1")
        self._admit(book, call)
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

    async def HandleSync(self, request: SyncCommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Run one command, then wait for what follows from it; that never changes the answer."""
        refuse(request.fault())
        response = await self.Handle(request.command, call)
        if request.sync_mode and response.events.pages:
            until = call.deadline - MARGIN_SECONDS
            found = await self._cascade.follow(response.events, request.sync_mode, until)
            response.outcomes.extend(it.outcome for it in found)
            projected = [it.projection for it in found if it.HasField("projection")]
            response.projections.extend(sorted(projected, key=lambda it: it.projector))
        return response

    async def DryRunHandle(self, request: DryRunRequest, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Return what one command would have led to at a point in time."""
        refuse(request.fault())
        self._admit(request.command, call)
        order = Order.of(request.command, call, self._system)
        return await self._dry_runs.run(order, request.point_in_time)

    def _admit(self, book: CommandBook, call: Call) -> None:
        self._admission.admit(book, call)
        if book.cover.domain != self._domain:
            raise no_handler(book.cover.domain)


async def _end(error: FencedError) -> None:
    """End the process: another one owns the domain."""
    raise error
