"""S12 for subscribers: a lie parks its own root, after its attempts; the others go on."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandBook, EventBook, Projection, RpcStatus, SagaResponse

from .adversary import SECRET, broken_reason
from .subscribing import ATTEMPTS, Answer, Chain

PAUSING = {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNIMPLEMENTED}
MANY, MILLION = 1001, 1_000_000

pytestmark = pytest.mark.timeout(120)


def failing(code: grpc.StatusCode, text: str, details: bytes = b"") -> Answer:
    """Return an answer with a status, and details that may be anything."""

    async def answer(_book: EventBook, context: Any) -> bytes:
        trailing = (("grpc-status-details-bin", details),) if details else ()
        await context.abort(code, text, trailing_metadata=trailing)
        raise AssertionError("abort raises")

    return answer


def crash(_book: EventBook, _context: Any) -> bytes:
    """Fail with a text that is nobody's business."""
    raise ValueError(SECRET)


async def hang(_book: EventBook, _context: Any) -> bytes:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


COMMON: dict[str, Answer] = {
    "crash": crash,
    "hang": hang,
    "undecodable": lambda _book, _context: b"\xff" * 64,
    "huge undecodable": lambda _book, _context: b"\xff" * (5 << 20),
    "broken text": lambda _book, _context: b"\x0a\x04\x12\x02\xff\xfe",
    "garbage details": failing(grpc.StatusCode.ABORTED, "no", b"\xff\xff\xff"),
    "a broken reason": failing(grpc.StatusCode.NOT_FOUND, "no", broken_reason()),
    "details that say OK": failing(
        grpc.StatusCode.ABORTED, "no", RpcStatus(message="yes").SerializeToString()
    ),
    "huge text": failing(grpc.StatusCode.INTERNAL, "x" * 100_000),
    **{
        f"answer {code.name}": failing(code, "no")
        for code in grpc.StatusCode
        if code not in PAUSING
    },
}


def reply(*books: CommandBook) -> Answer:
    """Return an answer of a saga with these commands."""
    return lambda _book, _context: SagaResponse(commands=books)


GOOD = CommandBook.to("stock", bytes([7]) * 16, StringValue(value="stolen"))
SAGA: dict[str, Answer] = {
    **COMMON,
    "no cover": reply(GOOD, CommandBook(pages=GOOD.pages)),
    "no root": reply(GOOD, CommandBook.to("stock", b"", StringValue())),
    "short root": reply(GOOD, CommandBook.to("stock", b"short", StringValue())),
    "no command": reply(GOOD, CommandBook(cover=GOOD.cover)),
    "two pages": reply(GOOD, CommandBook(cover=GOOD.cover, pages=[*GOOD.pages] * 2)),
    "too many": reply(*[GOOD] * MANY),
    "a million": lambda _book, _context: (
        SagaResponse(commands=[CommandBook()]).SerializeToString() * MILLION
    ),
    "events": lambda book, _: SagaResponse(commands=[GOOD], events=[book]),
}
ANSWERS = {"saga": SAGA, "projector": COMMON}


@pytest.mark.parametrize("bus", ["ipc", "channel"])
@pytest.mark.parametrize("kind", ANSWERS)
async def test_a_lie_parks_its_root_only(scratch: Path, kind: str, bus: str) -> None:
    """Nothing of it takes effect, what comes behind it waits, every other root goes on."""
    words = list(ANSWERS[kind])
    chain = Chain(scratch, kind, ANSWERS[kind], bus=bus)
    roots = {word: number.to_bytes(16, "big") for number, word in enumerate(words, 1)}
    other = bytes([255]) * 16
    async with chain.running():
        for step in ("first", "", "last"):
            for word, root in roots.items():
                await chain.order(step or word, root)
            await chain.order("other", other)
        await chain.until_done()
        assert chain.subscriber.is_running, chain.subscriber.output
        letters = chain.letters()
        effects = {word: chain.effects(root) for word, root in roots.items()}
        stolen = chain.effects(GOOD.cover.root.value)
        others = chain.effects(other)

    assert len(words) >= 20
    assert effects == {word: [0] for word in words}
    assert (stolen, others[-1]) == ([], 2)
    parked = {root: [it for it in letters if it[0] == root] for root in roots.values()}
    assert {word: [it[1] for it in parked[root]][1:] for word, root in roots.items()} == {
        word: ["BEHIND_DEAD_LETTER"] for word in words
    }
    assert all(parked[root][0][2] in {1, ATTEMPTS} for root in roots.values())
    assert SECRET not in chain.subscriber.output


async def test_a_projection_of_something_else_changes_no_other_root(scratch: Path) -> None:
    """Cover, name and sequence that a projector gives are data; the row is the event's."""
    lie = Projection(sequence=2**32 - 1, projector="other")
    lie.cover.domain, lie.cover.root.value = "stock", bytes([9]) * 16
    chain = Chain(scratch, "projector", {"lie": lambda _book, _context: lie})
    root = bytes([1]) * 16
    async with chain.running():
        await chain.order("lie", root)
        await chain.until_done()
        found = (chain.effects(root), chain.effects(bytes([9]) * 16), chain.letters())

    assert found == ([0], [], [])
