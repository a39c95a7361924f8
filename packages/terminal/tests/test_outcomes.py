"""What a caller waited for is shown as a tree, and to scripts as values."""

from angzarr.types_pb2 import (
    CommandOutcome,
    CommandResult,
    ComponentOutcome,
    ComponentResult,
    RpcStatus,
)
from angzarr_terminal import Outcomes

APPLIED, PARKED, TIMED_OUT, SKIPPED = range(1, 5)
TREE = """\
[P] projector-order-web          applied
[S] saga-order-fulfillment       applied
    [C] CreateShipment -> fulfillment        accepted
        [S] saga-fulfillment-inventory   timed out       not in time
        [P] lazy                         skipped         asynchronous
    [C] Bill -> account                      rejected
        no money
[M] order-fulfillment            parked          angzarr deadletter list
"""


def outcome(
    name: str, kind: str, result: int, place: tuple[str, int], message: str = ""
) -> ComponentOutcome:
    """Return what became of an append at a component."""
    domain, position = place
    return ComponentOutcome(
        component=name,
        component_type=kind,
        result=ComponentResult.Name(result),  # type: ignore[arg-type]  # a number as it came
        domain=domain,
        position=position,
        message=message,
    )


def command(type_: str, domain: str, result: int, position: int, why: str = "") -> CommandOutcome:
    """Return what became of a command."""
    made = CommandOutcome(command_type=type_, result=CommandResult.Name(result), position=position)  # type: ignore[arg-type]  # a number as it came
    made.cover.domain = domain
    if why:
        made.status.CopyFrom(RpcStatus(code=9, message=why))
    return made


def cascade() -> list[ComponentOutcome]:
    """Return a workflow two commands deep."""
    here, there = ("order", 42), ("fulfillment", 7)
    saga = outcome("saga-order-fulfillment", "saga", APPLIED, here)
    saga.commands.append(command("examples.CreateShipment", "fulfillment", 1, 7))
    saga.commands.append(command("examples.Bill", "account", 2, 0, "no money"))
    return [
        outcome("projector-order-web", "projector", APPLIED, here),
        saga,
        outcome("order-fulfillment", "process_manager", PARKED, here, "LOGIC_FAILED"),
        outcome("saga-fulfillment-inventory", "saga", TIMED_OUT, there, "not in time"),
        outcome("lazy", "projector", SKIPPED, there, "asynchronous"),
    ]


def test_what_follows_stands_below_its_cause() -> None:
    """Each component with its result, each command with those that follow from it."""
    shown = Outcomes(cascade()).tree("order", 42, "")

    assert [f"{line}" for line in shown] == TREE.splitlines()


def test_somebody_who_is_late_or_has_parked_is_bad() -> None:
    """Whoever was skipped on purpose is not."""
    applied, saga, parked, late, lazy = cascade()

    assert Outcomes([applied, saga, lazy]).are_good
    assert not Outcomes([applied, parked]).are_good
    assert not Outcomes([applied, late]).are_good


def test_a_script_gets_everything() -> None:
    """Numbers of 64 bits are strings; a result is one word."""
    _, saga, _, late, _ = Outcomes(cascade()).plain()

    assert (saga["depth"], saga["position"], saga["result"]) == (0, "42", "applied")
    assert saga["commands"] == [
        {
            "type": "examples.CreateShipment",
            "domain": "fulfillment",
            "command_id": "",
            "result": "accepted",
            "position": "7",
            "message": "",
        },
        {
            "type": "examples.Bill",
            "domain": "account",
            "command_id": "",
            "result": "rejected",
            "position": "0",
            "message": "no money",
        },
    ]
    assert (late["result"], late["message"]) == ("timed_out", "not in time")
