"""The commands against a gateway that a test plays."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from click.testing import CliRunner
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr import process_root
from angzarr.feed_pb2 import FeedBatch, FeedRequest
from angzarr.timer_pb2 import (
    CancelTimerRequest,
    CancelTimerResponse,
    ListTimersRequest,
    ListTimersResponse,
)
from angzarr.types_pb2 import EventBook, Query
from angzarr_processes import process, timer
from angzarr_service import CallError, Channels
from angzarr_terminal import CliError, Format

NAME, FLOW = "watch", "flow-1"
RUNNER = asyncio.Runner()  # gRPC wants one event loop per process


class Gateway(grpc.GenericRpcHandler):
    """Has one process with one event and two timers, on two pages."""

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        name = handler_call_details.method.rpartition(".")[2]
        unary: dict[str, tuple[Any, Any]] = {
            "Timers/List": (ListTimersRequest, self._timers),
            "Timers/Cancel": (CancelTimerRequest, self._cancel),
            "EventQuery/GetEventBook": (Query, self._book),
        }
        if name == "EventFeed/Read":
            return grpc.unary_stream_rpc_method_handler(
                self._feed, FeedRequest.FromString, FeedBatch.SerializeToString
            )
        request, answer = unary[name]
        return grpc.unary_unary_rpc_method_handler(
            answer, request.FromString, lambda reply: reply.SerializeToString()
        )

    async def _timers(self, request: ListTimersRequest, _: Any) -> ListTimersResponse:
        reply = ListTimersResponse(next_page_token="" if request.page_token else "more")
        it = reply.timers.add(component=NAME, timer_type="ship" if request.page_token else "pay")
        it.cover.address(NAME, process_root(FLOW), correlation=FLOW)
        it.deadline.seconds = 60
        return reply

    async def _cancel(self, request: CancelTimerRequest, _: Any) -> CancelTimerResponse:
        return CancelTimerResponse(cancelled=request.timer_type == "pay")

    async def _book(self, query: Query, _: Any) -> EventBook:
        book = EventBook(cover=query.cover)
        if query.cover.root.uuid == process_root(FLOW):
            book.record(StringValue(value="seen"))
        return book

    async def _feed(self, request: FeedRequest, context: Any) -> Any:
        if request.domain != NAME:
            await context.abort(grpc.StatusCode.NOT_FOUND, "No service registered")
        book = EventBook()
        book.cover.address(NAME, process_root(FLOW), correlation=FLOW)
        yield FeedBatch(books=[book.record(StringValue(value="seen"))])


@dataclass
class Session:
    """The options of the tool, with a gateway of its own for each command."""

    form: Format = Format.TABLE
    timeout_seconds: float = 20.0
    address: str = field(default="", init=False)

    def run(self, work: Coroutine[object, object, Any]) -> Any:
        """Run a command beside the gateway."""

        async def beside() -> Any:
            grpc.aio.init_grpc_aio()
            server = grpc.aio.server()
            server.add_generic_rpc_handlers((Gateway(),))
            self.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
            await server.start()
            try:
                return await work
            finally:
                await server.stop(None)

        return RUNNER.run(beside())

    async def gather(self, method: Any, request: Any) -> list[Any]:
        """Return everything that the gateway streams."""
        channels = Channels()
        try:
            found = channels.stream(self.address, method, request, timeout_seconds=20)
            return [it async for it in found]
        except CallError as error:
            raise CliError.of_status(error.status.code, error.status.message) from error
        finally:
            await channels.aclose()

    async def call(self, method: Any, request: Any, domain: str = "") -> Any:
        """Return the gateway's answer."""
        assert domain in {"", NAME}
        channels = Channels()
        try:
            return await channels.call(self.address, method, request, timeout_seconds=20)
        finally:
            await channels.aclose()


def said(group: Any, *words: str, form: Format = Format.TABLE) -> str:
    """Return what a command writes."""
    result = CliRunner().invoke(group, words, obj=Session(form=form), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_timers_are_listed() -> None:
    """All pages, by deadline; as data with the root of the process."""
    lines = said(timer, "list").splitlines()
    data = json.loads(said(timer, "list", form=Format.JSON))

    assert [line.split("\t")[2:4] for line in lines] == [["pay", FLOW], ["ship", FLOW]]
    assert data["schema"] == "angzarr.cli.timer_list/1"
    assert data["items"][0]["root"] == str(process_root(FLOW))


def test_a_timer_is_cancelled() -> None:
    """One that is not there is an error with the next step."""
    assert said(timer, "cancel", f"{NAME}/{FLOW}", "pay") == f"cancelled pay of {NAME}/{FLOW}\n"
    assert "timer_cancel" in said(timer, "cancel", f"{NAME}/{FLOW}", "pay", form=Format.JSON)
    with pytest.raises(CliError, match='watch has no timer "ship" for flow-1'):
        said(timer, "cancel", f"{NAME}/{FLOW}", "ship")


def test_processes_are_listed_with_what_they_wait_for() -> None:
    """Each correlation id once, with its last event and its timers."""
    (line,) = said(process, "list", NAME).splitlines()
    (item,) = json.loads(said(process, "list", NAME, form=Format.JSON))["items"]

    assert line.split("\t") == [FLOW, "1", "StringValue", "1970-01-01T00:00:00Z", "pay, ship"]
    assert (item["correlation_id"], item["events"], len(item["timers"])) == (FLOW, 1, 2)


def test_a_process_is_shown() -> None:
    """Its events and its timers; one that does not exist is an error."""
    lines = said(process, "show", f"{NAME}/{FLOW}").splitlines()
    (item,) = json.loads(said(process, "show", f"{NAME}/{FLOW}", form=Format.JSON))["items"]

    assert lines[0].split("\t") == ["0", "1970-01-01T00:00:00Z", "StringValue"]
    assert lines[1] == "waits for pay until 1970-01-01T00:01:00Z"
    assert item["last"] == "google.protobuf.StringValue"
    with pytest.raises(CliError, match='watch has no process for "other"'):
        said(process, "show", f"{NAME}/other")


def test_a_component_that_is_not_there_is_an_error() -> None:
    """The gateway's own words."""
    with pytest.raises(CliError, match="No service registered"):
        said(process, "list", "nobody")
