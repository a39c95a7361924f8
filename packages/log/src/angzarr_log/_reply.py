"""What logic answered becomes pages to store (contract.md §4.1 steps 12 to 14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from angzarr.types_pb2 import CommandBook, EventBook, EventPage
from angzarr_service import RequestError
from angzarr_settings import Settings

SEQUENCES = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRule:
    """Limits of a reply, and whether its page numbers are verified or assigned."""

    limit_pages: int
    limit_page_bytes: int
    limit_bytes: int
    assign_numbers: bool

    @staticmethod
    def of(settings: Settings) -> "ReplyRule":
        """Return the rule that the settings of a process mean."""
        limits = settings.limits
        return ReplyRule(
            limit_pages=limits.reply_pages,
            limit_page_bytes=limits.page_bytes,
            limit_bytes=limits.reply_bytes,
            assign_numbers=settings.component.numbering == "assign",
        )

    def pages(
        self, reply: EventBook, command: CommandBook, base: int, now: datetime
    ) -> list[EventPage]:
        """Return the numbered pages of a reply; nothing of it is trusted.

        Raises:
            RequestError: LOGIC_REPLY_INVALID.
        """
        self._check_cover(reply, command)
        self._check_size(reply.pages, command.cover.domain)
        if base + len(reply.pages) > SEQUENCES:
            raise invalid(command.cover.domain, f"its root would exceed {SEQUENCES} events")
        pages: list[EventPage] = []
        for index, page in enumerate(reply.pages):
            number = base + index
            if page.WhichOneof("sequence") == "num" and page.num != number:
                self._check_number(page.num, number, index, command.cover.domain)
            pages.append(page.accepted(number, command.command_id, now))
        return pages

    def _check_cover(self, reply: EventBook, command: CommandBook) -> None:
        cover, wanted = reply.cover, command.cover
        if cover.domain not in {"", wanted.domain}:
            raise invalid(wanted.domain, f"its domain is {cover.domain}")
        if cover.HasField("root") and cover.root.value != wanted.root.value:
            raise invalid(wanted.domain, f"its root is {cover.root.value.hex()}")

    def _check_size(self, pages: Sequence[EventPage], domain: str) -> None:
        if len(pages) > self.limit_pages:
            raise invalid(domain, f"{len(pages)} pages exceed the limit of {self.limit_pages}")
        total = 0
        for index, page in enumerate(pages):
            if not page.event.type_url:
                raise invalid(domain, f"page {index} has no event")
            size = page.ByteSize()
            total += size
            if size > self.limit_page_bytes or total > self.limit_bytes:
                raise invalid(domain, f"page {index} exceeds the size limit")

    def _check_number(self, found: int, wanted: int, index: int, domain: str) -> None:
        if not self.assign_numbers:
            raise invalid(domain, f"page {index} has sequence {found}, expected {wanted}")


def invalid(domain: str, why: str) -> RequestError:
    """Return the answer to a reply that breaks a rule."""
    text = f"Business reply of {domain} is invalid: {why}"
    return RequestError("LOGIC_REPLY_INVALID", text, why=why)
