"""What clients of a simulated system ask, and what they hear."""

import re
from dataclasses import dataclass

from angzarr.types_pb2 import (
    CommandBook,
    CommandResponse,
    CommandResult,
    ComponentOutcome,
    ComponentResult,
    EventPage,
    SyncMode,
)
from angzarr_client import CommandError
from angzarr_history import Claim, Outcome, Sent
from angzarr_store import RootKey, with_position

from .shop_logic import Order

REJECTIONS = frozenset({3, 5, 6, 7, 9, 11})
NOT_RECORDED = frozenset(
    {
        *("INVALID_ARGUMENT", "COMMAND_ID_REUSED", "UNKNOWN_DOMAIN"),
        *("DIVERGENCE_MISMATCH", "EDITION_DELETED"),
    }
)
AT = re.compile(r"aggregate at (\d+)")
NAMES = {SyncMode.SYNC_MODE_SIMPLE: "simple", SyncMode.SYNC_MODE_CASCADE: "cascade"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A command, how its client waits, and where it says that its edition leaves main."""

    command_id: str
    domain: str
    key: RootKey
    order: Order
    mode: SyncMode.ValueType = SyncMode.SYNC_MODE_NONE
    divergence: int | None = None

    def book(self, sequence: int) -> CommandBook:
        """Return the command."""
        book = self.order.book(self.domain, self.key.root, sequence)
        book.command_id = self.command_id
        book.cover.edition.name = self.key.edition
        if self.divergence is not None:
            book.cover.edition.divergences.add(domain=self.domain, sequence=self.divergence)
        return book

    @property
    def operations(self) -> tuple[str, ...]:
        """Return what is under way while it is, beside a command."""
        edition = () if self.key.is_main else ("edition",)
        return (*edition, *([NAMES[self.mode]] if self.mode else []))

    def awaited(self, places: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        """Return the components that owe an outcome, of which `places` says who reads what."""
        readers = (name for name, domain in places if domain == self.domain)
        is_simple = self.mode == SyncMode.SYNC_MODE_SIMPLE
        return tuple(it for it in readers if it == "projector" or not is_simple)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer that is no acceptance said."""

    reason: str
    is_unknown: bool
    is_rejected: bool = False
    following: int | None = None

    @staticmethod
    def of(error: CommandError | TimeoutError) -> "Heard":
        """Return what an error says."""
        if not isinstance(error, CommandError):
            return Heard("CANCELLED", is_unknown=True)
        at = AT.search(error.message) if error.reason == "SEQUENCE_MISMATCH" else None
        is_rejected = error.code in REJECTIONS and error.reason not in NOT_RECORDED
        return Heard(
            error.reason,
            is_unknown=error.is_unknown,
            is_rejected=is_rejected,
            following=int(at[1]) if at else None,
        )


def claims(response: CommandResponse) -> tuple[Claim, ...]:
    """Return the events of an answer as they must be stored."""
    pages = response.events.pages
    return tuple(Claim(sequence=it.num, position=it.position, page=stored(it)) for it in pages)


def stored(page: EventPage) -> bytes:
    """Return the bytes that a page is stored as: its position is appended to the rest."""
    rest = EventPage()
    rest.CopyFrom(page)
    rest.ClearField("position")
    return with_position(rest.SerializeToString(), page.position)


def outcome(told: ComponentOutcome) -> Outcome:
    """Return what an answer says of a component."""
    return Outcome(
        component=told.component,
        domain=told.domain,
        position=told.position,
        depth=told.depth,
        result=ComponentResult.Name(told.result).removeprefix("COMPONENT_RESULT_"),
        letter=told.dead_letter_id,
        commands=tuple(
            Sent(
                command_id=it.command_id,
                domain=it.cover.domain,
                position=it.position,
                result=CommandResult.Name(it.result).removeprefix("COMMAND_RESULT_"),
            )
            for it in told.commands
        ),
    )
