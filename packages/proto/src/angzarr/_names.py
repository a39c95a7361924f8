"""Which names are allowed (contract.md §3.3, §3.5)."""

import re

MAIN = "angzarr"
FAILURE_DOMAIN = "angzarr.saga-failures"

_NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,62}")
_LOG = re.compile(r"[a-z_][a-z0-9._-]{0,127}")
_EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COMMAND_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")


def is_name(text: str) -> bool:
    """Say whether `text` can name a domain or a component."""
    return _NAME.fullmatch(text) is not None


def is_log_name(text: str) -> bool:
    """Say whether `text` can name a log or a subscriber: a domain, also one of our own."""
    return _LOG.fullmatch(text) is not None


def is_edition_name(text: str) -> bool:
    """Say whether `text` can name an edition or a timer type."""
    return _EDITION.fullmatch(text) is not None


def is_command_id(text: str) -> bool:
    """Say whether `text` can be a command id."""
    return _COMMAND_ID.fullmatch(text) is not None


def is_reserved_domain(text: str) -> bool:
    """Say whether only the framework itself may use the domain."""
    return text.startswith("_") or "." in text or text in {"unknown", "*", "#"}


def projection_domain(projector: str, domain: str) -> str:
    """Return the domain in which what a projector makes of a domain is offered."""
    return f"_projection.{projector}.{domain}"
