"""What a command book asks for, and whether its shape is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault
from angzarr._identity import NAMESPACE, compensation_id, derive
from angzarr._names import is_command_id, is_edition_name, is_name, is_reserved_domain
from angzarr._type_url import FRAMEWORK_PREFIX, type_name

if TYPE_CHECKING:
    import uuid

    from google.protobuf.message import Message

    from angzarr.types_pb2 import CommandBook

_REVOCATION = "angzarr.RevokeEventCommand"


class CommandBookTraits:
    """Behaviour of CommandBook."""

    @property
    def type_url(self: CommandBook) -> str:
        """Return the type URL of the first command, "" without one."""
        return self.pages[0].command.type_url if self.pages else ""

    @property
    def type_name(self: CommandBook) -> str:
        """Return the full name of the first command's type."""
        return type_name(self.type_url)

    @property
    def canonical_bytes(self: CommandBook) -> bytes:
        """Return the bytes that the correlation id is derived from (contract.md §3.2)."""
        book = type(self)()
        book.CopyFrom(self)
        book.cover.correlation_id = ""
        book.DiscardUnknownFields()
        return book.SerializeToString(deterministic=True)

    @property
    def derived_correlation_id(self: CommandBook) -> str:
        """Return U5(ANGZARR, canonical bytes)."""
        return str(derive(NAMESPACE, self.canonical_bytes))

    @property
    def is_multi_page(self: CommandBook) -> bool:
        """Say whether there is more than one command."""
        return len(self.pages) > 1

    @property
    def is_revocation(self: CommandBook) -> bool:
        """Say whether it takes back the event that a refused command came from."""
        return self.type_name == _REVOCATION

    def revocation(self: CommandBook, reason: str) -> CommandBook:
        """Return the command that tells the source of this one that it was rejected.

        Rule: contract.md §4.6 step 2; the bytes are the same on every call.
        """
        from angzarr.types_pb2 import RevokeEventCommand  # noqa: PLC0415 - imports this module

        origin = self.saga_origin
        book = type(self)(
            cover=origin.triggering_aggregate,
            saga_origin=origin,
            command_id=compensation_id(self.command_id),
        )
        revoke = RevokeEventCommand(
            triggering_event_sequence=origin.triggering_event_sequence,
            saga_name=origin.saga_name,
            rejection_reason=reason,
            rejected_command=self,
        )
        book.pages.add().command.Pack(revoke, FRAMEWORK_PREFIX)
        return book

    def fault(self: CommandBook, *, multi_page: bool = False) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.1 step 1), or None."""
        return _cover_fault(self) or _page_fault(self, multi_page=multi_page) or _name_fault(self)

    def order(self: CommandBook, command: Message, *, sequence: int = 0) -> CommandBook:
        """Append a page that asks for `command`; return the book itself."""
        page = self.pages.add(sequence=sequence)
        page.command.Pack(command)
        return self

    @staticmethod
    def to(
        domain: str, root: bytes | uuid.UUID, command: Message, *, sequence: int = 0
    ) -> CommandBook:
        """Return a book with one command for a root of `domain`."""
        from angzarr.types_pb2 import CommandBook as Book  # noqa: PLC0415 - the class imports this

        book = Book()
        book.cover.domain = domain
        book.cover.root.value = root if isinstance(root, bytes) else root.bytes
        return book.order(command, sequence=sequence)


def _cover_fault(book: CommandBook) -> Fault | None:
    if not book.HasField("cover"):
        return Fault("cover", "CommandBook must have a cover")
    if not book.cover.domain:
        return Fault("cover.domain", "Cover must have a domain")
    if not book.cover.HasField("root"):
        return Fault("cover.root", "Cover must have a root UUID")
    length = len(book.cover.root.value)
    if length != 16:  # noqa: PLR2004 - the length of a UUID
        return Fault("cover.root", f"Invalid UUID: expected 16 bytes, got {length}")
    return None


def _page_fault(book: CommandBook, *, multi_page: bool) -> Fault | None:
    count = len(book.pages)
    if count == 0 or (count > 1 and not multi_page):
        return Fault("pages", f"CommandBook must have exactly one page, got {count}")
    if not all(page.HasField("command") and page.command.type_url for page in book.pages):
        return Fault("pages.command", "CommandPage must have a command")
    return None


def _name_fault(book: CommandBook) -> Fault | None:
    cover = book.cover
    if not is_name(cover.domain) and not is_reserved_domain(cover.domain):
        return Fault("cover.domain", f"Invalid domain: {cover.domain}")
    if not is_edition_name(cover.edition_name):
        return Fault("cover.edition", f"Invalid edition name: {cover.edition.name}")
    if len(cover.correlation_id.encode()) > 256:  # noqa: PLR2004 - contract.md §3.2
        return Fault("cover.correlation_id", "Correlation id is longer than 256 bytes")
    if book.command_id and not is_command_id(book.command_id):
        return Fault("command_id", f"Invalid command id: {book.command_id}")
    return None
