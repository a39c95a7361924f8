"""One admitted command on its way."""

from dataclasses import dataclass

from angzarr.types_pb2 import CommandBook
from angzarr_ports import Clock, System
from angzarr_service import Call
from angzarr_store import RootKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command with all its identities.

    `is_named` says that the sender chose the command id, `expected` is the sequence that the
    sender demands, None for a command of a saga and for the replay of a letter.
    """

    book: CommandBook
    key: RootKey
    is_named: bool
    expected: int | None
    call: Call
    clock: Clock
    is_replay: bool = False

    @staticmethod
    def of(book: CommandBook, call: Call, system: System) -> "Order":
        """Return the order of an admitted book; one without a command id gets a random one."""
        is_named = bool(book.command_id)
        if not is_named:
            book.command_id = str(system.randomness.uuid4())
        return Order(
            book=book,
            key=RootKey(edition=book.cover.edition_name, root=book.cover.root.value),
            is_named=is_named,
            expected=None if book.HasField("saga_origin") else book.pages[0].sequence,
            call=call,
            clock=system.clock,
        )

    @property
    def command_id(self) -> str:
        """Return the id that the command is remembered by."""
        return self.book.command_id

    @property
    def divergence(self) -> int | None:
        """Return where its sender says that a named edition leaves main, None if it does not."""
        return self.book.cover.divergence

    @property
    def left_seconds(self) -> float:
        """Return how long the sender still waits, at least 0."""
        return self.call.remaining(self.clock.monotonic())
