"""The dead letters of all components behind the gateway."""

from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.dead_letter_pb2 import (
    DiscardDeadLettersRequest,
    GetDeadLetterRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr.types_pb2 import CommandBook, DeadLetterState
from angzarr_store import Letter, LetterKind, LetterState, RootKey, StoreConfig
from angzarr_store_memory import MemoryStore

REPLAYED = DeadLetterState.DEAD_LETTER_STATE_REPLAYED


def letter(domain: str, second: int) -> Letter:
    """Return a command that the owner of a domain parked at a time."""
    book = CommandBook.to(domain, bytes([second]) * 16, StringValue(value="one"))
    book.command_id = f"c-{second}"
    owner = f"{domain}-owner"
    return Letter(
        id=f"{owner}:{domain}:{book.command_id}",
        subscriber=owner,
        domain=domain,
        position=0,
        sequence=0,
        key=RootKey(edition="angzarr", root=bytes([second]) * 16),
        kind=LetterKind.COMMAND,
        state=LetterState.PARKED,
        cover=book.cover.SerializeToString(),
        payload=book.SerializeToString(),
        command_id=book.command_id,
        status=b"",
        reason="COMMAND_REVOKED",
        attempts=1,
        parked_at=f"2026-01-01T00:00:0{second}.000000+00:00",
    )


@pytest.fixture
async def letters(world: Any) -> Any:
    """Give both domains letters, by turns in time; return the gateway's view of them."""
    for domain, seconds in (("order", (1, 3, 5)), ("inventory", (2, 4))):
        await world.stop(domain)
        store = await MemoryStore.open(StoreConfig(url="", component=domain), world.system)
        for second in seconds:
            await store.ledger.file_letter(letter(domain, second))
        await world.start_coordinator(domain, store=store)
    channel = grpc.aio.insecure_channel(world.gateway_address)
    yield DeadLettersStub(channel)
    await channel.close()


async def refused(call: Any) -> tuple[str, str]:
    """Return code and text of a refusal."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code().name, caught.value.details() or ""


async def seconds(letters: Any, **asked: Any) -> list[int]:
    """Return the times of all letters, page by page."""
    found: list[int] = []
    request = ListDeadLettersRequest(**asked)
    while True:
        page = await letters.List(request, timeout=5)
        assert len(page.letters) <= (request.page_size or 50)
        found += [it.parked_at.seconds % 60 for it in page.letters]
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5])
async def test_lists_are_merged_in_one_order(letters: Any, size: int) -> None:
    """Whatever the page size: no letter twice, none missing, and the total of all."""
    assert await seconds(letters, page_size=size) == [1, 2, 3, 4, 5]
    assert (await letters.List(ListDeadLettersRequest(page_size=1), timeout=5)).total == 5


async def test_one_component_is_asked_alone(letters: Any) -> None:
    """A filter by component reads there only; an unknown one is an error."""
    assert await seconds(letters, component="inventory-owner") == [2, 4]
    unknown = letters.List(ListDeadLettersRequest(component="cart"), timeout=5)
    assert await refused(unknown) == ("NOT_FOUND", "No component: cart")


async def test_an_unreachable_component_is_no_omission(world: Any, letters: Any) -> None:
    """The list fails, and so does a decision, before anything is done."""
    await world.stop("inventory")

    silent = ("UNAVAILABLE", "Component inventory-owner is unavailable")
    assert await refused(letters.List(ListDeadLettersRequest(), timeout=5)) == silent
    asked = ReplayDeadLettersRequest(selection=ListDeadLettersRequest(), expected_count=5)
    assert await refused(letters.Replay(asked, timeout=5)) == silent
    assert await seconds(letters, component="order-owner") == [1, 3, 5]


async def test_a_letter_comes_from_its_owner(letters: Any) -> None:
    """With its bytes; an id of nobody is not found."""
    found = await letters.Get(GetDeadLetterRequest(id="order-owner:order:c-3"), timeout=5)

    assert (found.command_id, found.HasField("payload")) == ("c-3", True)
    for id_ in ("order-owner:order:c-9", "cart:cart:c-1"):
        unknown = letters.Get(GetDeadLetterRequest(id=id_), timeout=5)
        assert await refused(unknown) == ("NOT_FOUND", f"No dead letter: {id_}")


async def test_decisions_go_to_each_owner(letters: Any) -> None:
    """Ids of several components are replayed and discarded together."""
    ids = ["order-owner:order:c-1", "inventory-owner:inventory:c-2"]
    replayed = await letters.Replay(ReplayDeadLettersRequest(ids=ids), timeout=10)
    ids = ["order-owner:order:c-3", "inventory-owner:inventory:c-4"]
    gone = await letters.Discard(DiscardDeadLettersRequest(ids=ids, note="lost"), timeout=10)

    assert (replayed.matched, [it.state for it in replayed.results]) == (2, [REPLAYED] * 2)
    assert (gone.matched, len(gone.results)) == (2, 2)
    assert await seconds(letters) == [5]


async def test_a_decision_is_refused_as_a_whole(letters: Any) -> None:
    """One letter that cannot be decided about stops those of the other owners too."""
    ids = ["inventory-owner:inventory:c-2", "order-owner:order:c-9"]
    asked = letters.Replay(ReplayDeadLettersRequest(ids=ids), timeout=5)

    assert await refused(asked) == ("NOT_FOUND", "No dead letter: order-owner:order:c-9")
    assert await seconds(letters) == [1, 2, 3, 4, 5]


async def test_a_selection_counts_over_all(letters: Any) -> None:
    """The expected count is that of all components; a dry run tells it."""
    selection = ListDeadLettersRequest()
    trial = ReplayDeadLettersRequest(selection=selection, dry_run=True)
    assert (await letters.Replay(trial, timeout=5)).matched == 5

    wrong = ReplayDeadLettersRequest(selection=selection, expected_count=3)
    text = "5 letters match, expected 3"
    assert await refused(letters.Replay(wrong, timeout=5)) == ("FAILED_PRECONDITION", text)

    right = ReplayDeadLettersRequest(selection=selection, expected_count=5)
    assert len((await letters.Replay(right, timeout=10)).results) == 5


async def test_a_request_without_sense_is_refused_here(letters: Any) -> None:
    """The gateway checks the shape before it asks anybody."""
    asked = letters.Discard(DiscardDeadLettersRequest(ids=["x"]), timeout=5)

    assert await refused(asked) == ("INVALID_ARGUMENT", "Discard needs a note")


async def test_letters_of_a_version_are_found_at_its_component(letters: Any, world: Any) -> None:
    """A version of a read model has the component's name and its number."""
    await world.stop("order")
    store = await MemoryStore.open(StoreConfig(url="", component="order"), world.system)
    version = "order-owner~1"
    moved = replace(letter("order", 1), id=f"{version}:order:c-1", subscriber=version)
    await store.ledger.file_letter(moved)
    await world.start_coordinator("order", store=store)

    found = await letters.Get(GetDeadLetterRequest(id=moved.id), timeout=5, wait_for_ready=True)

    assert found.component == version
    assert await seconds(letters, component=version) == [1]
