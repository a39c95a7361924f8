"""Decided commands are sent until each has a result; what hinders them becomes a failure."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from angzarr.types_pb2 import CommandBook, RpcStatus
from angzarr_dispatch import Answer, Consequence, Dispatcher
from angzarr_ports import real_system
from angzarr_reaction import Settlement
from angzarr_store import Change, LetterKind, Reaction, ReactionState, SaveReaction

OK, UNAVAILABLE, UNIMPLEMENTED = 0, 14, 12
NOTHING = Consequence(emit=False, dead_letter=False, escalate=False)


def owed(index: int) -> Reaction:
    """Return a command that has no result yet."""
    command = CommandBook.to("stock", bytes(16), RpcStatus(message=f"c{index}"))
    command.command_id = f"c{index}"
    return Reaction(
        position=1, index=index, command_id=f"c{index}", command=command.SerializeToString()
    )


class World:
    """A settlement whose target answers one code per command id."""

    def __init__(self, **codes: int) -> None:
        self.stored: list[Change] = []
        self.sent: list[str] = []
        self._codes = codes
        system = real_system(lambda _name, _error: None)
        dispatcher = Dispatcher(send=self._send, fallback=NOTHING, system=system)
        self.settlement = Settlement(component="saga", dispatcher=dispatcher, system=system)

    async def _send(self, command: CommandBook) -> Answer:
        self.sent.append(command.command_id)
        code = self._codes[command.command_id]
        return Answer(status=RpcStatus(code=code, message="no" * bool(code)))

    async def commit(self, changes: Sequence[Change]) -> None:
        """Store changes."""
        self.stored += changes

    async def settle(self, *decided: Reaction, is_last_attempt: bool = False) -> Any:
        """Settle what an event led to."""
        event: Any = SimpleNamespace(is_done=False, is_last_attempt=is_last_attempt)
        return await self.settlement.settle(event, decided, self.commit)


async def test_every_command_has_its_result_stored() -> None:
    """They are sent in order, and nothing is left."""
    world = World(c0=OK, c1=OK)

    left = await world.settle(owed(0), owed(1))

    states = [it.reaction.state for it in world.stored if isinstance(it, SaveReaction)]
    assert (left, world.sent) == (None, ["c0", "c1"])
    assert states == [ReactionState.ACCEPTED] * 2


async def test_a_silent_target_is_a_failure_to_try_again() -> None:
    """The failure carries the command, as what is parked when the budget is spent."""
    world = World(c0=UNAVAILABLE)

    left = await world.settle(owed(0))
    failure = world.settlement.failure(left)

    assert (failure.final, failure.reason) == (False, "UPSTREAM_UNAVAILABLE")
    assert (failure.kind, failure.payload) == (LetterKind.COMMAND, owed(0).command)
    (parked,) = failure.changes
    assert isinstance(parked, SaveReaction)
    assert parked.reaction.state is ReactionState.PARKED


async def test_a_target_without_the_method_is_final() -> None:
    """No attempt helps against wrong wiring."""
    world = World(c0=UNIMPLEMENTED)

    failure = world.settlement.failure(await world.settle(owed(0)))

    assert (failure.final, failure.reason) == (True, "UNIMPLEMENTED")
