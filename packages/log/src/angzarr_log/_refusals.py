"""Refusals that more than one service gives."""

from angzarr_service import RequestError


def no_handler(domain: str) -> RequestError:
    """Return the answer to a message for another domain."""
    text = f"No handler registered for domain: {domain}"
    return RequestError("UNKNOWN_DOMAIN", text, domain=domain)
