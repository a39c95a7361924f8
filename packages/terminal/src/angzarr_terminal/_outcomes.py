"""What became of a command at the components that its caller waited for (experience.md §4)."""

from collections.abc import Iterator, Mapping, Sequence

from angzarr.types_pb2 import CommandOutcome, CommandResult, ComponentOutcome, ComponentResult
from angzarr_telemetry import printable

INDENT = " " * 4
KINDS = {"projector": "P", "saga": "S", "process_manager": "M"}
LETTERS = "angzarr deadletter list"
COMPONENTS = {
    ComponentResult.COMPONENT_RESULT_APPLIED: "applied",
    ComponentResult.COMPONENT_RESULT_PARKED: "parked",
    ComponentResult.COMPONENT_RESULT_TIMED_OUT: "timed out",
    ComponentResult.COMPONENT_RESULT_SKIPPED: "skipped",
}
COMMANDS = {
    CommandResult.COMMAND_RESULT_ACCEPTED: "accepted",
    CommandResult.COMMAND_RESULT_REJECTED: "rejected",
    CommandResult.COMMAND_RESULT_PENDING: "pending",
    CommandResult.COMMAND_RESULT_PARKED: "parked",
}


class Outcomes:
    """The outcomes of one answer, as a tree and as plain values."""

    def __init__(self, found: Sequence[ComponentOutcome]) -> None:
        self._found = found

    @property
    def are_good(self) -> bool:
        """Say whether nobody has parked an event or is late."""
        bad = {"parked", "timed out"}
        return not any(COMPONENTS.get(it.result) in bad for it in self._found)

    def plain(self) -> list[Mapping[str, object]]:
        """Return what a script reads."""
        return [
            {
                "component": it.component,
                "kind": it.component_type,
                "result": COMPONENTS.get(it.result, "unknown").replace(" ", "_"),
                "domain": it.domain,
                "position": str(it.position),
                "depth": it.depth,
                "message": it.message,
                "dead_letter_id": it.dead_letter_id,
                "commands": [self._plain(command) for command in it.commands],
            }
            for it in self._found
        ]

    def tree(self, domain: str, position: int, margin: str) -> Iterator[str]:
        """Yield a line for each component that followed an append, and for what it led to."""
        for it in self._found:
            if (it.domain, it.position) == (domain, position):
                yield margin + self._line(it)
                for command in it.commands:
                    yield from self._below(command, margin + INDENT)

    def _below(self, command: CommandOutcome, margin: str) -> Iterator[str]:
        name, target = command.command_type.rpartition(".")[2], command.cover.domain
        result = COMMANDS.get(command.result, "unknown")
        yield f"{margin}[C] {printable(f'{name} -> {target}'):<36} {result}"
        if command.status.message:
            yield f"{margin}    {printable(command.status.message)}"
        if command.position:
            yield from self.tree(target, command.position, margin + INDENT)

    @staticmethod
    def _line(it: ComponentOutcome) -> str:
        result = COMPONENTS.get(it.result, "unknown")
        told = LETTERS if result == "parked" else printable(it.message)
        kind = KINDS.get(it.component_type, "?")
        return f"[{kind}] {printable(it.component):<28} {result:<15} {told}".rstrip()

    @staticmethod
    def _plain(command: CommandOutcome) -> Mapping[str, object]:
        return {
            "type": command.command_type,
            "domain": command.cover.domain,
            "command_id": command.command_id,
            "result": COMMANDS.get(command.result, "unknown"),
            "position": str(command.position),
            "message": command.status.message,
        }
