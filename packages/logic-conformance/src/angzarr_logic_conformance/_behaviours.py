"""How foreign logic may behave: plain grpcio and the reference protocol, nothing of ours.

Each function is one behaviour; its docstring is what another language implements under the name.
An event and a command hold a google.protobuf.StringValue. Nothing but what is said is served: no
descriptor, no health, no reflection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2
from typing_extensions import override

from angzarr_logic_conformance._reference import message_class, methods_of

Answer = Callable[[Any, Any], Awaitable[Any]]

BusinessResponse = message_class("BusinessResponse")
CommandBook = message_class("CommandBook")
ComponentDescriptor = message_class("ComponentDescriptor")
Handled = message_class("ProcessManagerHandleResponse")
Prepared = message_class("SagaPrepareResponse")
Projection = message_class("Projection")
SagaResponse = message_class("SagaResponse")


def text_of(packed: Any) -> str:  # noqa: ANN401 - an Any of either protocol
    """Return what an event or command says."""
    return StringValue.FromString(packed.value).value


async def counts(request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """aggregate: one event with the words of the command; its number is the count of the pages.

    A command that says "twice" leads to two events, "nothing" to an answer without a result.
    """
    response, word = BusinessResponse(), text_of(request.command.pages[0].command)
    for extra in range({"twice": 2, "nothing": 0}.get(word, 1)):
        page = response.events.pages.add(num=len(request.events.pages) + extra)
        page.event.Pack(StringValue(value=word))
    return response


async def gaps(request: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """aggregate: as counts, but every number is 7 too high."""
    response = await counts(request, context)
    for page in response.events.pages:
        page.num += 7
    return response


async def forces(request: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """aggregate: as counts, but every page has `force` in place of a number."""
    response = await counts(request, context)
    for page in response.events.pages:
        page.force = True
    return response


async def opaque(_request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """aggregate: one event, an Any of type "example/json" whose value is the text {"a": 1}."""
    response = BusinessResponse()
    event = response.events.pages.add(force=True).event
    event.type_url, event.value = "example/json", b'{"a": 1}'
    return response


async def crashes(_request: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """aggregate, saga: answers UNKNOWN with the text "secret"."""
    await context.abort(grpc.StatusCode.UNKNOWN, "secret")


async def once(request: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """aggregate: as counts, but refuses with FAILED_PRECONDITION where there is a page already."""
    if request.events.pages:
        await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "It exists")
    return await counts(request, context)


async def copies(request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """saga: per page of the source one command to the same root of "stock", with its words.

    Its sequence is 0, its correlation id "mine", its edition "elsewhere", its origin nobody.
    """
    response = SagaResponse()
    for page in request.source.pages:
        book = response.commands.add()
        book.cover.domain, book.cover.correlation_id = "stock", "mine"
        book.cover.root.CopyFrom(request.source.cover.root)
        book.cover.edition.name = "elsewhere"
        book.saga_origin.saga_name = "nobody"
        book.pages.add().command.CopyFrom(page.event)
    return response


async def prepares_none(_request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """saga: wants no destination."""
    return Prepared()


async def answers_events(request: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """saga: as copies, and returns the source as `events` beside."""
    response = await copies(request, context)
    response.events.add().CopyFrom(request.source)
    return response


async def shows(book: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """projector: an empty Projection but for the last event in `projection`."""
    return Projection(projection=book.pages[-1].event)


async def shows_synced(request: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """projector: as shows, served as ProjectorCoordinator.HandleSync and nothing else."""
    return await shows(request.events, context)


async def shows_none(book: Any, context: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """projector: INTERNAL for every event that says "bad", else as shows."""
    if text_of(book.pages[-1].event) == "bad":
        await context.abort(grpc.StatusCode.INTERNAL, "no")
    return await shows(book, context)


async def remembers(request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """Process manager: one process event with the words of all pages of the trigger, joined by +.

    Its cover has the root of the trigger and the number of the pages of the process state.
    """
    response = Handled()
    events = response.process_events
    events.cover.root.CopyFrom(request.trigger.cover.root)
    words = "+".join(text_of(page.event) for page in request.trigger.pages)
    page = events.pages.add(num=len(request.process_state.pages))
    page.event.Pack(StringValue(value=words))
    return response


async def hangs(_request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """Descriptor: never answers."""
    await asyncio.Event().wait()


async def untyped(_request: Any, _: Any) -> Any:  # noqa: ANN401 - messages of the reference
    """Descriptor: reads the domain "order", without types."""
    descriptor = ComponentDescriptor(name="foreign", component_type="saga")
    descriptor.inputs.add(domain="order")
    return descriptor


HEALTH = "/grpc.health.v1.Health/Check"
HEALTHY: Mapping[str, str] = {"counts-healthy": "", "counts-bare-health": "Aggregate"}

BEHAVIOURS: Mapping[str, Mapping[str, Answer]] = {
    "counts": {"Aggregate/Handle": counts},
    "counts-healthy": {"Aggregate/Handle": counts},
    "counts-bare-health": {"Aggregate/Handle": counts},
    "gaps": {"Aggregate/Handle": gaps},
    "forces": {"Aggregate/Handle": forces},
    "opaque": {"Aggregate/Handle": opaque},
    "crashes": {"Aggregate/Handle": crashes, "Saga/Execute": crashes},
    "once": {"Aggregate/Handle": once},
    "copies": {"Saga/Execute": copies},
    "copies-described": {"Saga/Execute": copies, "Saga/GetDescriptor": untyped},
    "copies-hanging": {"Saga/Execute": copies, "Saga/GetDescriptor": hangs},
    "copies-prepared": {"Saga/Execute": copies, "Saga/Prepare": prepares_none},
    "events": {"Saga/Execute": answers_events},
    "shows": {"Projector/Handle": shows},
    "shows-synced": {"ProjectorCoordinator/HandleSync": shows_synced},
    "shows-none": {"Projector/Handle": shows_none},
    "remembers": {"ProcessManager/Handle": remembers},
}


class Logic(grpc.GenericRpcHandler):
    """One behaviour as a service; `asked` is what it was asked, in order, and by which method."""

    def __init__(self, behaviour: str) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._methods = BEHAVIOURS[behaviour]
        self._healthy = HEALTHY.get(behaviour)

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call; what the behaviour does not serve is unimplemented."""
        path = str(handler_call_details.method)
        if path == HEALTH and self._healthy is not None:
            return grpc.unary_unary_rpc_method_handler(self._health)
        answer = self._methods.get(path.removeprefix("/angzarr."))
        if answer is None:
            return None
        request, _ = methods_of(path.split("/")[1].removeprefix("angzarr."))[path]

        async def answered(message: Any, context: Any) -> Any:  # noqa: ANN401 - any of them
            self.asked.append((path.rpartition("/")[2], message))
            return await answer(message, context)

        return grpc.unary_unary_rpc_method_handler(
            answered, request.FromString, lambda reply: reply.SerializeToString()
        )

    async def _health(self, request: bytes, context: Any) -> bytes:  # noqa: ANN401 - grpc's context
        """Health: SERVING for the one name of the behaviour, else NOT_FOUND (see HEALTHY)."""
        asked = health_pb2.HealthCheckRequest.FromString(request)
        if asked.service != self._healthy:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        serving = health_pb2.HealthCheckResponse.SERVING
        return health_pb2.HealthCheckResponse(status=serving).SerializeToString()
