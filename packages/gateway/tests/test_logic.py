"""What logic answers and fails with, seen through the gateway (contract.md §4.1 steps 9 to 13)."""

import asyncio
import re

import pytest

from .foreign import Client, command, failure, refusal, refused, status_of, words
from .world import World

REJECTIONS = (
    "INVALID_ARGUMENT",
    "FAILED_PRECONDITION",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
)
FAILURES = (
    "CANCELLED",
    "RESOURCE_EXHAUSTED",
    "ABORTED",
    "UNIMPLEMENTED",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
FLAGS = ("emit_system_revocation", "send_to_dead_letter_queue", "escalate", "abort")


@pytest.mark.parametrize("code", REJECTIONS)
async def test_a_rejection_passes_unchanged(client: Client, code: str) -> None:
    """Code and message are those of logic."""
    found = await refused(client.execute(command(f"abort {code}")))

    assert found == refusal(code, f"Logic says {code}", "LOGIC_REJECTED")


@pytest.mark.parametrize("code", FAILURES)
async def test_another_code_is_a_failure_and_passes_too(client: Client, code: str) -> None:
    """Code and message are those of logic; nothing is recorded."""
    found = await refused(client.execute(command(f"abort {code}"), key="c-1"))

    assert found == refusal(code, f"Logic says {code}", "LOGIC_FAILED")
    assert words((await client.execute(command("hello"), key="c-1")).events) == ["hello"]


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED"])
async def test_codes_of_the_transport_pass_as_well(client: Client, code: str) -> None:
    """Logic that answered was neither unreachable nor late."""
    found = await refused(client.execute(command(f"abort {code}")))

    assert found == refusal(code, f"Logic says {code}", "LOGIC_FAILED")


@pytest.mark.parametrize(
    ("word", "code"),
    [("crash", "UNKNOWN"), ("abort UNKNOWN", "UNKNOWN"), ("abort INTERNAL", "INTERNAL")],
)
@pytest.mark.parametrize("detailed", [False, True])
async def test_an_exception_of_logic_leaks_nothing(
    client: Client, word: str, code: str, *, detailed: bool
) -> None:
    """The message names an incident; neither text nor details of logic reach the client."""
    text = word.replace("abort", "detailed") if detailed else word

    found = await refused(client.execute(command(text)))

    assert re.fullmatch(r"Business logic failed \(incident [0-9a-f]+\)", found.text)
    assert found == refusal(code, found.text, "LOGIC_FAILED")


async def test_logic_errors_can_be_exposed(empty_world: World) -> None:
    """A setting lets the texts of UNKNOWN and INTERNAL pass."""
    await empty_world.start("--component.expose_logic_errors=true")

    found = await refused(empty_world.client.execute(command("abort INTERNAL")))

    assert found == refusal("INTERNAL", "Logic says INTERNAL", "LOGIC_FAILED")


@pytest.mark.parametrize("code", ["FAILED_PRECONDITION", "ABORTED", "UNAVAILABLE"])
async def test_details_of_logic_pass_unchanged(client: Client, code: str) -> None:
    """What foreign logic adds to its status arrives as it is, and nothing is added."""
    error = await failure(client.execute(command(f"detailed {code}")))

    (detail,) = status_of(error).details
    assert (error.code().name, error.details()) == (code, "in detail")
    assert (detail.type_url, detail.value) == ("type.example/shop.Stock", b"\x08\x07")


async def test_logic_that_is_gone_is_unavailable(world: World) -> None:
    """The command may be sent again, and works when logic is back."""
    await world.stop_logic("order")

    found = await refused(world.client.execute(command("hello"), key="c-1"))
    await world.start_logic("order")

    text = "Business logic for order is unavailable"
    assert found == refusal("UNAVAILABLE", text, "LOGIC_UNAVAILABLE")
    await world.until(lambda: accepted(world.client))


async def accepted(client: Client) -> bool:
    """Say whether a command is accepted; the coordinator connects again in its own time."""
    try:
        await client.execute(command("hello"), key="c-1")
    except Exception:  # noqa: BLE001 - still unavailable
        return False
    return True


async def test_logic_that_is_late_ends_the_command(empty_world: World) -> None:
    """The text names the limit in milliseconds."""
    await empty_world.start("--logic_deadline=0.5")

    found = await refused(empty_world.client.execute(command("hang"), key="c-1"))

    text = "Business logic for order did not answer in 500 ms"
    assert found == refusal("DEADLINE_EXCEEDED", text, "LOGIC_DEADLINE")
    assert words((await empty_world.client.execute(command("hello"), key="c-1")).events)


async def test_slow_logic_does_not_hold_up_another_root(world: World) -> None:
    """A lane belongs to one root."""
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(world.client.execute(command("hold")))
        await world.logic["order"].called.wait()
        other = await world.client.execute(command("hello", root=bytes(16)))
        assert not slow.done()
        world.logic["order"].released.set()

    assert (words(other.events), words(slow.result().events)) == (["hello"], ["hold"])


@pytest.mark.parametrize("flags", [(), FLAGS[:1], FLAGS])
async def test_a_revocation_is_a_refusal_with_its_flags(
    client: Client, flags: tuple[str, ...]
) -> None:
    """Flags and reason travel as metadata, and the refusal is recorded."""
    found = await refused(client.execute(command(" ".join(["revoke", *flags])), key="c-1"))

    told = {name: str(name in flags).lower() for name in FLAGS}
    text = "Command revoked: gone"
    wanted = refusal("FAILED_PRECONDITION", text, "COMMAND_REVOKED", reason="gone", **told)
    assert found == wanted == await refused(client.execute(command("hello"), key="c-1"))


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("misnumber", "page 0 has sequence 7, expected 0"),
        ("elsewhere", "its domain is cart"),
        ("astray", f"its root is {bytes(16).hex()}"),
        ("hollow", "page 0 has no event"),
        ("untyped", "page 0 has no event"),
        ("many 1001", "1001 pages exceed the limit of 1000"),
        (f"padded {512 * 1024}", "page 0 exceeds the size limit"),
        ("too-much", "page 6 exceeds the size limit"),
    ],
)
async def test_an_invalid_reply_stores_nothing(client: Client, word: str, why: str) -> None:
    """INTERNAL says what is wrong, the id stays free, and the root is healthy."""
    found = await refused(client.execute(command(word), key="c-1"))

    text = f"Business reply of order is invalid: {why}"
    assert found == refusal("INTERNAL", text, "LOGIC_REPLY_INVALID", why=why)
    assert words((await client.execute(command("hello"), key="c-1")).events) == ["hello"]


async def test_the_largest_replies_are_stored(client: Client) -> None:
    """A thousand pages, and a page just below its limit."""
    response = await client.execute(command("many 1000"))
    large = await client.execute(command(f"padded {512 * 1024 - 200}", root=bytes(16)))

    assert [page.num for page in response.events.pages] == list(range(1000))
    assert len(large.events.pages) == 1


async def test_a_reply_that_is_no_message_is_a_failure_of_logic(world: World) -> None:
    """Garbage from logic is no internal error of ours, and nothing is stored."""
    world.logic["order"].garbage = b"\xff\xff"

    found = await refused(world.client.execute(command("hello")))

    assert found.code == "INTERNAL"
    assert found.reason in {"LOGIC_FAILED", "LOGIC_REPLY_INVALID"}
