"""T6: bytes that are no request, or one that would become too much."""

import asyncio
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from timeit import timeit
from typing import Any

import google_crc32c
import grpc
import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2, health_pb2_grpc
from hypothesis import given, settings
from hypothesis import strategies as st

from angzarr import rpc
from angzarr.types_pb2 import CommandBook, EventBook, Query
from angzarr_bus import Frame
from angzarr_bus_ipc._record import MARKER, RecordReader
from angzarr_cli._json import parsed
from angzarr_defence import parse

from .application import free_port
from .conftest import refusal

MEBIBYTE = 1 << 20
BOMB_BYTES = 4 * MEBIBYTE
EMPTY_PAGE = EventBook(pages=[{}]).SerializeToString()  # type: ignore[list-item]  # protobuf takes it
PACKED = b"\x0a\xf0\xff\xff\x01" + b"\1" * (BOMB_BYTES - 16)
SEQUENCES = Query.DESCRIPTOR.fields_by_name["sequences"].number << 3 | 2
BOMBS = {
    "empty pages": EMPTY_PAGE * (BOMB_BYTES // 2),
    "packed numbers": bytes([SEQUENCES]) + b"\xf5\xff\xff\x01" + PACKED,
    "single numbers": b"\x78\x01" * (BOMB_BYTES // 2),
    "groups": b"\x7b\x7c" * (BOMB_BYTES // 2),
    "deep groups": b"\x7b" * BOMB_BYTES,
    "one field": b"\x7a\xf0\xff\xff\x01" + b"x" * (BOMB_BYTES - 16),
}
NO_REQUEST = {
    "truncated": b"\x0a\x10abc",
    "overlong varint": b"\x78" + b"\xff" * 11 + b"\x01",
    "field zero": b"\x02\x00",
    "bad UTF-8": b"\x0a\x04\x0a\x02\xff\xfe",
    "wire type 7": b"\x7f",
    "deep groups": b"\x7b" * 101 + b"\x7c" * 101,
}


@pytest.mark.parametrize("name", NO_REQUEST)
async def test_what_is_no_message_is_refused(serve: Any, name: str) -> None:
    """The caller hears so, nothing is called, and the next request is served."""
    async with serve() as world:
        found = await refusal(world.ask(NO_REQUEST[name]))

        assert found == ("INVALID_ARGUMENT", "Query cannot be decoded", "INVALID_ARGUMENT")
        assert world.queries.calls == 0
        await world.ask()


async def test_a_compressed_bomb_is_not_opened(serve: Any) -> None:
    """Messages are never compressed, so none is inflated."""
    async with serve() as world:
        call = world.ask(bytes(8 * MEBIBYTE), compression=grpc.Compression.Gzip)

        assert (await refusal(call))[0] == "UNIMPLEMENTED"
        assert world.queries.calls == 0


def test_no_message_of_ours_is_deep() -> None:
    """64 levels are far more than any request can have: none contains itself."""

    def depth(kind: Descriptor, above: tuple[Descriptor, ...]) -> int:
        assert kind not in above, kind.full_name
        inner = [it.message_type for it in kind.fields if it.message_type is not None]
        return 1 + max((depth(it, (*above, kind)) for it in inner), default=0)

    methods = [it for service in rpc.SERVICES.values() for it in service]

    assert max(depth(it.request.DESCRIPTOR, ()) for it in methods) < 64


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_counting_never_differs_from_parsing(data: bytes) -> None:
    """Whatever is a message of few parts is parsed, and nothing else."""
    try:
        wanted: EventBook | None = EventBook.FromString(data)
    except DecodeError:
        wanted = None
    try:
        found: EventBook | None = parse(EventBook, data + b"", 10_000)
    except DecodeError:
        found = None

    assert found == wanted


@pytest.fixture
def gateway() -> Iterator[tuple[str, int]]:
    """Run a gateway without domains; return its address and process."""
    address = f"127.0.0.1:{free_port()}"
    program = Path(sys.executable).with_name("angzarr-gateway")
    with subprocess.Popen(  # noqa: S603 - our own program
        [program, f"--listen={address}", "--log.level=error"]
    ) as process:
        yield address, process.pid
        process.terminate()


def high_water(pid: int) -> int:
    """Return the most memory that a process ever held."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.timeout(120)
def test_no_bomb_grows_or_stops_a_gateway(gateway: tuple[str, int]) -> None:
    """Memory stays within 64 MiB; others wait less than what a bomb alone would take unguarded."""
    address, pid = gateway
    unguarded = timeit(lambda: list(EventBook.FromString(BOMBS["empty pages"]).pages), number=1)
    with grpc.insecure_channel(address, options=[("grpc.max_send_message_length", -1)]) as channel:
        grpc.channel_ready_future(channel).result(timeout=30)
        send: Any = channel.unary_unary("/angzarr.CommandGateway/Execute")
        with pytest.raises(grpc.RpcError):
            send(CommandBook(command_id="x" * 1000).SerializeToString(), timeout=20)
        before = high_water(pid)

        longest = asyncio.run(longest_wait(address))

        assert high_water(pid) - before < 64 * MEBIBYTE
        assert longest < unguarded


async def longest_wait(address: str) -> float:
    """Send every bomb to two methods; return how long a healthy caller waited at most."""
    loop, longest = asyncio.get_running_loop(), 0.0
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    opened: Any = grpc.aio.insecure_channel(address, options=options)
    async with (
        opened as bad,
        grpc.aio.insecure_channel(address) as good,
    ):
        health: Any = health_pb2_grpc.HealthStub(good)
        for bomb in BOMBS.values():
            for method in ("CommandGateway/Execute", "EventQuery/GetEventBook"):
                sending = asyncio.ensure_future(
                    refusal(bad.unary_unary(f"/angzarr.{method}")(bomb, timeout=30))
                )
                while not sending.done():
                    began = loop.time()
                    await health.Check(health_pb2.HealthCheckRequest(), timeout=30)
                    longest = max(longest, loop.time() - began)
                assert (await sending)[0] in {"INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"}
    return longest


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_a_pipe_full_of_nonsense_gives_no_frame(data: bytes) -> None:
    """Also when its checksum is right: such a payload is no frame."""
    assert [it for it in RecordReader().feed(data) if it is not None] == []
    record = MARKER + struct.pack(">II", len(data), google_crc32c.value(data)) + data
    found = RecordReader().feed(record)
    assert all(it is None or it == Frame.decode(data) for it in found)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'the key "c" is there twice'),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": [-Infinity]}', "-Infinity is no number"),
        ('{"a":' * 65 + "1" + "}" * 65, "it is nested deeper than 64 levels"),
        ("[" * 100_000, "it is nested deeper than 64 levels"),
        ("[]", "it is no object"),
        ("{", "Expecting property name"),
    ],
)
def test_json_that_could_mean_two_things_is_refused(text: str, why: str) -> None:
    """The sentence says what is wrong."""
    with pytest.raises(ValueError, match=why):
        parsed(text)


def test_json_may_be_64_levels_deep_and_hold_brackets_in_texts() -> None:
    """What is within the limits is taken."""
    deep = '{"a":' * 64 + '"' + "[" * 100 + '\\"{"' + "}" * 64

    assert parsed(deep)
