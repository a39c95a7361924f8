"""Admission of a command, the same at the gateway and at a coordinator (contract.md §4.1)."""

from dataclasses import dataclass

from angzarr import MAIN, is_reserved_domain
from angzarr.types_pb2 import CommandBook
from angzarr_service import Call, RequestError, refuse
from angzarr_settings import Settings

FILLED_IN_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is checked and filled in before anything else happens to a command.

    `passed_on` says that commands come from a gateway, which has filled in their identity.
    """

    command_bytes: int
    passed_on: bool
    derive_correlation: bool = True
    reserved_domains: bool = False

    @staticmethod
    def of(settings: Settings, *, passed_on: bool) -> "Admission":
        """Return the admission that the settings of a process mean."""
        return Admission(
            command_bytes=settings.limits.command_bytes,
            passed_on=passed_on,
            derive_correlation=settings.component.derive_correlation,
            reserved_domains=is_reserved_domain(settings.component.domain),
        )

    def admit(self, book: CommandBook, call: Call) -> None:
        """Check the shape, settle identity and edition; change `book` in place.

        Raises:
            RequestError: INVALID_ARGUMENT, RESERVED_DOMAIN or MESSAGE_TOO_LARGE.
        """
        self._check(book)
        domain = book.cover.domain
        if is_reserved_domain(domain) and not self.reserved_domains:
            raise RequestError("RESERVED_DOMAIN", f"Domain {domain} is reserved", domain=domain)
        self._identify(book, call.idempotency_key)
        book.cover.edition.name = book.cover.edition.name or MAIN

    def _check(self, book: CommandBook) -> None:
        size = book.ByteSize()
        if size > self.command_bytes + FILLED_IN_BYTES * self.passed_on:
            raise RequestError.too_large("CommandBook", size, self.command_bytes)
        refuse(book.fault())

    def _identify(self, book: CommandBook, idempotency_key: str) -> None:
        if idempotency_key and book.command_id not in {"", idempotency_key}:
            text = "command_id and idempotency-key differ"
            raise RequestError("INVALID_ARGUMENT", text, field="command_id")
        if not book.cover.correlation_id and self.derive_correlation:
            book.cover.correlation_id = book.derived_correlation_id
        book.command_id = book.command_id or idempotency_key
        refuse(book.fault())
