"""Which component caused an event: its command's id is derived from what it reacted to."""

from collections import OrderedDict
from dataclasses import dataclass, field

from angzarr import reaction_command_id
from angzarr_topology._traffic import Seen

REMEMBERED = 20_000
COMMANDS_PER_EVENT = 4

Effect = tuple[str, Seen]


@dataclass(slots=True)
class Causes:
    """The ids of commands that components may send, and events whose cause is not known yet.

    Bounded: an effect that comes long after its cause, or the fifth command of one reaction, is
    not explained. Rule: contract.md §3.1.
    """

    _senders: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _effects: OrderedDict[str, list[Effect]] = field(default_factory=OrderedDict)

    def expect(self, component: str, source: tuple[str, str, bytes, int]) -> list[Effect]:
        """Note what a component may do about an event; return what it has done already."""
        found: list[Effect] = []
        for index in range(COMMANDS_PER_EVENT):
            id_ = reaction_command_id(component, source, index)
            self._senders[id_] = component
            found += self._effects.pop(id_, [])
        while len(self._senders) > REMEMBERED:
            self._senders.popitem(last=False)
        return found

    def sender(self, command_id: str, effect: Effect) -> str:
        """Return who caused an effect, "" for somebody outside or not known yet."""
        sender = self._senders.get(command_id, "")
        if not sender and command_id:
            self._effects.setdefault(command_id, []).append(effect)
            while len(self._effects) > REMEMBERED:
                self._effects.popitem(last=False)
        return sender
