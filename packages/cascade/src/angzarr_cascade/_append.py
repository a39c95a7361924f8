"""An append that others follow, and who they are."""

from collections.abc import Iterator
from dataclasses import dataclass

from angzarr.progress_pb2 import AwaitResponse
from angzarr.types_pb2 import CommandResult, EventBook, SyncMode, Target
from angzarr_discovery import Component

CASCADING = frozenset({"projector", "saga", "process_manager"})
PROJECTING = frozenset({"projector"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """The append that ends at `position`, `depth` commands away from the caller's.

    `book` holds its events where they are known.
    """

    domain: str
    position: int
    depth: int
    book: EventBook | None = None

    def followers(
        self, components: tuple[Component, ...], mode: SyncMode.ValueType
    ) -> Iterator[Component]:
        """Yield the components that a mode waits for, in their order."""
        kinds = CASCADING if mode == SyncMode.SYNC_MODE_CASCADE else PROJECTING
        for component in components:
            targets = (Target(domain=it.domain) for it in component.inputs)
            if component.kind in kinds and any(it.means(self.domain) for it in targets):
                yield component

    def effects(self, found: AwaitResponse) -> "Iterator[Append]":
        """Yield the appends of the commands that a component got accepted because of this one."""
        for command in found.outcome.commands:
            if command.result == CommandResult.COMMAND_RESULT_ACCEPTED and command.position:
                yield Append(
                    domain=command.cover.domain, position=command.position, depth=self.depth + 1
                )
