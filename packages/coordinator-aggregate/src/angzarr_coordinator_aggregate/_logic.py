"""The call to the author's logic, and what its failures mean (contract.md §4.1 steps 9, 10)."""

from angzarr import rpc
from angzarr.types_pb2 import BusinessResponse, CommandBook, ContextualCommand, EventBook
from angzarr_log import invalid
from angzarr_ports import Metric, MetricKind, System
from angzarr_service import CallError, Channels, Fault, RequestError
from angzarr_settings import ComponentSettings

CALL_DURATION = Metric(
    name="angzarr_logic_call_duration_seconds",
    help="How long logic took to answer, by the number of its status code.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "code"),
)
OK, UNKNOWN, INTERNAL = 0, 2, 13


class Logic:
    """The aggregate's logic behind its address."""

    def __init__(self, component: ComponentSettings, channels: Channels, system: System) -> None:
        self._name = component.name
        self._domain = component.domain
        self._address = component.logic
        self._exposes = component.expose_logic_errors
        self._channels = channels
        self._system = system

    async def handle(
        self, state: EventBook, command: CommandBook, timeout_seconds: float
    ) -> BusinessResponse:
        """Return what logic answered.

        Raises:
            CallError: logic answered with a status; a refusal is its final word.
            RequestError: LOGIC_UNAVAILABLE or LOGIC_DEADLINE.
        """
        request = ContextualCommand(events=state, command=command)
        self._system.faults.at("K4")
        code, began = OK, self._system.clock.monotonic()
        try:
            response = await self._channels.call(
                self._address, rpc.Aggregate.Handle, request, timeout_seconds=timeout_seconds
            )
        except CallError as error:
            code = error.status.code
            raise self._meaning(error, timeout_seconds) from error
        finally:
            took = self._system.clock.monotonic() - began
            metrics = self._system.metrics
            metrics.observe(CALL_DURATION, took, component=self._name, code=str(code))
        self._system.faults.at("K5")
        return response

    def _meaning(self, error: CallError, timeout_seconds: float) -> Exception:
        match error.fault:
            case Fault.SILENCE:
                text = f"Business logic for {self._domain} is unavailable"
                return RequestError("LOGIC_UNAVAILABLE", text)
            case Fault.LATENESS:
                waited = round(timeout_seconds * 1000)
                text = f"Business logic for {self._domain} did not answer in {waited} ms"
                return RequestError("LOGIC_DEADLINE", text)
            case Fault.GARBAGE:
                return invalid(self._domain, "it cannot be decoded")
            case Fault.NONE:
                return self._answer(error)

    def _answer(self, error: CallError) -> CallError:
        if error.status.code in {UNKNOWN, INTERNAL} and not self._exposes:
            incident = self._system.randomness.uuid4().hex[:8]
            error.status.message = f"Business logic failed (incident {incident})"
            error.details = b""
        is_refusal = error.status.is_rejection_code
        return error.with_reason("LOGIC_REJECTED" if is_refusal else "LOGIC_FAILED")
