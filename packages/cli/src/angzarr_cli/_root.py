"""DOMAIN/ROOT as people write it."""

import uuid
from dataclasses import dataclass

from google.protobuf.empty_pb2 import Empty
from typing_extensions import override

from angzarr import business_root, rpc
from angzarr_cli._exit import NOT_FOUND, USAGE, CliError
from angzarr_service import Channels

SHOWN_DIGITS = 8
LEAST_TO_READ, LEAST_TO_WRITE = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One root of one domain."""

    domain: str
    value: uuid.UUID

    @override
    def __str__(self) -> str:
        """Return the short form."""
        return f"{self.domain}/{self.value.hex[:SHOWN_DIGITS]}"


def parse(text: str, *, fresh: uuid.UUID) -> Root | tuple[str, str]:
    """Return the root that a text names, or its domain and the digits it begins with.

    Shape: a UUID, `key:TEXT` for the root of a business key, `new` for `fresh`, or hex digits.

    Raises:
        CliError: it is none of these.
    """
    domain, slash, rest = text.partition("/")
    if not (domain and slash and rest):
        raise CliError(USAGE, f'"{text}" is not DOMAIN/ROOT.', then="angzarr send order/new …")
    if rest == "new":
        return Root(domain=domain, value=fresh)
    if rest.startswith("key:"):
        return Root(domain=domain, value=business_root(domain, rest.removeprefix("key:")))
    try:
        return Root(domain=domain, value=uuid.UUID(rest))
    except ValueError:
        digits = rest.lower().replace("-", "")
    if len(digits) < LEAST_TO_READ or set(digits) - set("0123456789abcdef"):
        text = f'"{rest}" is no root: give a UUID, its first hex digits, key:TEXT or new.'
        raise CliError(USAGE, text)
    return domain, digits


async def resolve(text: str, address: str, *, fresh: uuid.UUID, writes: bool) -> Root:
    """Return the root that a text names; a beginning must fit exactly one existing root.

    Raises:
        CliError: it fits none or several, or is too short to write to.
        CallError: the roots cannot be read.
    """
    parsed = parse(text, fresh=fresh)
    if isinstance(parsed, Root):
        return parsed
    domain, digits = parsed
    if writes and len(digits) < LEAST_TO_WRITE:
        raise CliError(USAGE, f'"{digits}" is too short to write to: give {LEAST_TO_WRITE} digits.')
    channels = Channels()
    found = [
        root.root.uuid
        async for root in channels.stream(
            address, rpc.EventQuery.GetAggregateRoots, Empty(), timeout_seconds=30
        )
        if root.domain == domain and root.root.hex.startswith(digits)
    ]
    await channels.aclose()
    if len(found) != 1:
        what = "no root" if not found else f"{len(found)} roots"
        raise CliError(NOT_FOUND, f"{what} of {domain} begin with {digits}.")
    return Root(domain=domain, value=found[0])
