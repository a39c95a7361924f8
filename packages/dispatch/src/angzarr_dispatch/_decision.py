"""The commands that an event led to: stamped, checked, ready to be recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from angzarr import reaction_command_id
from angzarr.types_pb2 import CommandBook, Cover, Target
from angzarr_store import Reaction


class InvalidDecisionError(Exception):
    """Logic decided a command that may not be sent; `why` names it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """The event that `component` reacts to."""

    component: str
    cover: Cover
    sequence: int
    position: int

    def stamp(self, command: CommandBook, index: int) -> None:
        """Fill in what belongs to the framework (contract.md §4.5 step 4)."""
        cover = command.cover
        cover.edition.CopyFrom(self.cover.edition)
        cover.edition.name = self.cover.edition_name
        cover.correlation_id = cover.correlation_id or self.cover.correlation_id
        origin = command.saga_origin
        origin.Clear()
        origin.saga_name = self.component
        origin.triggering_aggregate.CopyFrom(self.cover)
        origin.triggering_event_sequence = self.sequence
        root = self.cover.root.value
        event = (self.cover.domain, self.cover.edition_name, root, self.sequence)
        command.command_id = str(reaction_command_id(self.component, event, index))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that one event led to, in order."""

    reactions: tuple[Reaction, ...]

    @staticmethod
    def of(
        commands: Sequence[CommandBook], source: SourceEvent, outputs: Sequence[Target]
    ) -> "Decision":
        """Stamp and check all commands; `outputs` empty means that any may be sent.

        Raises:
            InvalidDecisionError: one of them is malformed or not declared; none may be sent.
        """
        reactions: list[Reaction] = []
        for index, command in enumerate(commands):
            if not command.HasField("cover"):
                raise InvalidDecisionError(f"command {index}: CommandBook must have a cover")
            source.stamp(command, index)
            _check(index, command, outputs)
            reactions.append(
                Reaction(
                    position=source.position,
                    index=index,
                    command_id=command.command_id,
                    command=command.SerializeToString(),
                )
            )
        return Decision(reactions=tuple(reactions))


def _check(index: int, command: CommandBook, outputs: Sequence[Target]) -> None:
    fault = command.fault()
    if fault is not None:
        raise InvalidDecisionError(f"command {index}: {fault.message}")
    domain, type_url = command.cover.domain, command.type_url
    if outputs and not any(it.covers(domain, type_url) for it in outputs):
        raise InvalidDecisionError(
            f"command {index}: {command.type_name} to {domain} is not among the outputs"
        )
