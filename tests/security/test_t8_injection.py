"""T8: names and texts that mean something to a path, a statement, a terminal or a log."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import click
import grpc
import pytest
from click.testing import CliRunner
from google.protobuf.any_pb2 import Any as AnyMessage
from hypothesis import example, given, settings
from hypothesis import strategies as st

from angzarr import is_log_name, is_name
from angzarr.types_pb2 import CommandBook, CommandPage, Cover, Query
from angzarr_bus import BusUnavailableError
from angzarr_bus_ipc._pipe import pipe_path
from angzarr_ports import real_system
from angzarr_store import RefusedError, StoreConfig
from angzarr_store_memory import MemoryStore
from angzarr_store_sqlite import SqliteStore
from angzarr_telemetry._log import ConsoleFormatter, JsonFormatter
from angzarr_terminal import table

from .application import Application
from .conftest import refusal

pytestmark = pytest.mark.timeout(120)

EVIL = (
    "../order",
    "order\0",
    "order'; DROP TABLE events; --",
    "order.>",
    "/etc/passwd",
    "order\n",
    "order\x1b[2J",
    "\N{PILE OF POO}",
    "o" * 10_000,
    "",
    ".",
)
names = st.one_of(st.sampled_from(EVIL), st.text(max_size=200))


@settings(deadline=None)
@given(names, names)
def test_a_pipe_lies_in_its_directory(domain: str, subscriber: str) -> None:
    """Whatever the names are: it does, or there is none."""
    directory = Path("/run/angzarr")
    try:
        path = pipe_path(directory, domain, subscriber)
    except BusUnavailableError:
        assert not (is_log_name(domain) and is_log_name(subscriber))
    else:
        assert path.parent == directory
        assert path.resolve().is_relative_to(directory)


@settings(deadline=None)
@given(names)
def test_a_component_is_a_name(component: str) -> None:
    """A store that would lie elsewhere cannot be named."""
    if is_name(component):
        assert (Path("/data") / f"{component}.db").parent == Path("/data")
        return

    with pytest.raises(RefusedError, match=r"component\.name"):
        StoreConfig(url="/data", component=component)


@pytest.mark.parametrize("kind", [MemoryStore, SqliteStore])
def test_a_log_has_a_name_in_every_store(tmp_path: Path, kind: Any) -> None:
    """What is no name is refused, and leaves no trace."""

    async def refused() -> list[str]:
        system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
        config = StoreConfig(url=str(tmp_path), component="order", volatile=True)
        store = await kind.open(config, system)
        for name in EVIL:
            with pytest.raises(RefusedError, match=r"component\.domain"):
                await store.log(name)
        head = await (await store.log("order")).head()
        await store.aclose()
        await system.tasks.aclose()
        return [str(head.position)]

    assert asyncio.run(refused()) == ["0"]


@pytest.mark.parametrize("text", EVIL[:9])
async def test_a_text_in_a_request_is_only_a_text(shop: Application, text: str) -> None:
    """In every field: an answer with a code and a bounded status, and the next is served."""
    command = AnyMessage(type_url=text)
    book, query = CommandBook(pages=[CommandPage(command=command)]), Query()
    opened: Any = grpc.aio.insecure_channel(f"127.0.0.1:{shop.port}")
    async with opened as channel:
        for domain, edition in ((text, "angzarr"), ("order", text)):
            for method, request in (
                ("CommandGateway/Execute", book),
                ("EventQuery/GetEventBook", query),
            ):
                request.cover.address(domain, bytes(16), edition=edition)
                call = channel.unary_unary(f"/angzarr.{method}")
                code, said, reason = await refusal(call(request.SerializeToString(), timeout=20))
                assert code in {"INVALID_ARGUMENT", "NOT_FOUND"}
                assert reason
                assert len(said) <= 1024
        workflow = Query(cover=Cover(correlation_id=text)).SerializeToString()
        async for _ in channel.unary_stream("/angzarr.EventQuery/GetEvents")(workflow, timeout=20):
            pytest.fail("nothing has this correlation id")


@settings(max_examples=50, deadline=None)
@given(st.text())
@example("\x1b]0;title\x07\r\nforged\u202e\x9b2J")
def test_a_table_has_no_commands_for_a_terminal(text: str) -> None:
    """A cell is one line of characters that can be seen."""

    @click.command()
    def shown() -> None:
        table(("NAME",), [(text,)])

    output = CliRunner().invoke(shown).output

    assert output.removesuffix("\n").isprintable()


@settings(deadline=None)
@given(st.text())
@example("ok\n12:00:00 error forged")
def test_a_log_line_stays_one_line(text: str) -> None:
    """Nobody writes a line of their own through a field."""
    record = logging.makeLogRecord(
        {"msg": "request.incident", "levelname": "ERROR", "reason": text}
    )

    for formatter in (ConsoleFormatter(), JsonFormatter("order", "aggregate")):
        assert formatter.format(record).isprintable()
