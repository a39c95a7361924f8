"""The commands against answers that a test gives."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner

from angzarr import decision_id, reaction_command_id
from angzarr.dead_letter_pb2 import ListDeadLettersResponse
from angzarr.progress_pb2 import ComponentProgress, ListProgressResponse
from angzarr.types_pb2 import EventBook
from angzarr_inspection import subscriber, topology, trace
from angzarr_standalone import Status
from angzarr_terminal import CliError, Format

FLOW = "flow-1"
ORDER, STOCK = bytes(16), bytes(range(16))
CREATED = ("order", "angzarr", ORDER, 0)
READERS = (("saga-order-stock", "saga"), ("packing", "process_manager"), ("view", "projector"))


def book(domain: str, root: bytes, type_name: str, command_id: str, *, second: int) -> EventBook:
    """Return one event of the workflow."""
    found = EventBook()
    found.cover.address(domain, root, correlation=FLOW)
    page = found.pages.add(num=0, position=second + 1, command_id=command_id)
    page.event.type_url = f"type.googleapis.com/test.{type_name}"
    page.created_at.FromSeconds(second)
    return found


BOOKS = [
    book("packing", ORDER, "Begun", decision_id("packing", CREATED), second=2),
    book("stock", STOCK, "Reserved", reaction_command_id("saga-order-stock", CREATED, 1), second=1),
    book("order", ORDER, "Created", "0192c1d4-77", second=0),
]


@dataclass
class Session:
    """The options of the tool, and what its gateway answers."""

    form: Format = Format.TABLE
    timeout_seconds: float = 5.0
    books: list[EventBook] = field(default_factory=lambda: [*BOOKS])

    def run(self, work: Coroutine[object, object, Any]) -> Any:
        """Run a command."""
        return asyncio.run(work)

    async def gather(self, _method: Any, query: Any) -> list[Any]:
        """Return the events of the workflow."""
        return self.books if query.cover.correlation_id == FLOW else []

    async def call(self, method: Any, request: Any) -> Any:
        """Return where everybody is, and one letter, on the second page."""
        if method.service == "angzarr.Progress":
            entries = [
                ComponentProgress(
                    component=name, component_type=kind, domain="order", position=3, head=5
                )
                for name, kind in READERS
                if request.component in {"", name}
            ]
            entries[-1].parked = 1
            for entry in entries:
                entry.paused = method.name == "SetPaused" and request.paused
            return ListProgressResponse(entries=entries)
        reply = ListDeadLettersResponse(next_page_token="" if request.page_token else "more")
        if request.page_token:
            letter = reply.letters.add(id="view:1", component="view", sequence=0, attempts=8)
            letter.cover.address("order", ORDER)
            letter.status.message = "KeyError 'carrier'"
        return reply

    def status(self) -> Status:
        """Return the status of a project whose topology is gone."""
        return Status(
            project="shop",
            pid=1,
            gateway="",
            monitoring="",
            topology="unix:/nowhere.sock",
            store="",
            logs="",
            processes=(),
            components=(),
        )


def said(command: Any, *words: str, form: Format = Format.TABLE) -> str:
    """Return what a command writes."""
    result = CliRunner().invoke(command, words, obj=Session(form=form), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_workflow_is_a_tree() -> None:
    """Below each event stands who reacted to it, with what that led to or why it is parked."""
    lines = said(trace, FLOW).splitlines()

    assert [line.split("  seq")[0].rstrip() for line in lines] == [
        "[C] 0192c1d4 -> order/00000000",
        "    [E] Created",
        "        [S] saga-order-stock",
        f"            [C] {BOOKS[1].pages[0].command_id[:8]} -> stock/00010203",
        "                [E] Reserved",
        "        [M] packing",
        "            [E] Begun",
        "        [P] view  parked: KeyError 'carrier'  angzarr deadletter show view:1",
    ]
    assert lines[1].endswith("seq 0    00:00:00.000")


def test_a_workflow_is_data() -> None:
    """Each event with the component and the event that it came from."""
    data = json.loads(said(trace, FLOW, form=Format.JSON))

    place = {"domain": "order", "root": str(BOOKS[0].cover.root.uuid), "edition": "angzarr"}
    because = {**place, "sequence": 0}
    assert data["schema"] == "angzarr.cli.trace/1"
    assert [(it["type"], it["component"], it["because"]) for it in data["items"]] == [
        ("test.Created", "", None),
        ("test.Reserved", "saga-order-stock", because),
        ("test.Begun", "packing", because),
    ]
    assert [it["id"] for it in data["items"][0]["parked"]] == ["view:1"]


def test_a_workflow_without_events_is_not_found() -> None:
    """The correlation id is named."""
    with pytest.raises(CliError, match='no event has the correlation id "other"'):
        said(trace, "other")


def test_subscriptions_are_listed() -> None:
    """Position, head, how far behind, how much is parked."""
    lines = [line.split("\t") for line in said(subscriber, "list").splitlines()]
    data = json.loads(said(subscriber, "list", form=Format.JSON))

    assert lines[0] == ["saga-order-stock", "saga", "order", "3", "5", "2", "0", "running"]
    assert [it["parked"] for it in data["items"]] == [0, 0, 1]


def test_a_subscriber_is_paused_and_goes_on() -> None:
    """Each way its subscriptions are shown as they are then."""
    shut = said(subscriber, "pause", "view").split("\t")
    goes_on = json.loads(said(subscriber, "resume", "view", form=Format.JSON))["items"]

    assert (shut[0], shut[-1].strip()) == ("view", "paused")
    assert [(it["component"], it["paused"]) for it in goes_on] == [("view", False)]


def test_one_subscriber_is_shown_with_its_letters() -> None:
    """What it has parked, with the attempts and the reason."""
    lines = [line.split("\t") for line in said(subscriber, "show", "view").splitlines()]
    (item,) = json.loads(said(subscriber, "show", "view", form=Format.JSON))["items"]

    assert lines[0][:3] == ["view", "projector", "order"]
    assert lines[2] == ["order", "00000000", "0", "8", "KeyError 'carrier'"]
    assert [(it["id"], it["attempts"]) for it in item["letters"]] == [("view:1", 8)]


def test_a_topology_that_is_gone_is_told() -> None:
    """The next step is to look at the processes."""
    with pytest.raises(CliError, match="the topology does not answer"):
        said(topology)
