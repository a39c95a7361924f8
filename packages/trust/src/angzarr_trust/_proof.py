"""What a peer would say to a certificate: a handshake of a process with itself, in memory."""

import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

ROUNDS = 4


def proven(certificate: Path, key: Path, authority: Path) -> dict[str, Any]:
    """Return the certificate as `SSLSocket.getpeercert` has it, with its dates and names.

    Raises:
        ssl.SSLError: the key is not its own, the authority does not vouch for it, or not today.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server, client = (
        _context(ssl.PROTOCOL_TLS_SERVER, certificate, key, authority),
        _context(ssl.PROTOCOL_TLS_CLIENT, certificate, key, authority),
    )
    calling = client.wrap_bio(incoming, outgoing)
    answering = server.wrap_bio(outgoing, incoming, server_side=True)
    for end in (calling, answering) * ROUNDS:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return calling.getpeercert() or {}


def _context(role: int, certificate: Path, key: Path, authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(role)
    context.check_hostname = False  # the names are looked at by who calls
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority)
    context.load_cert_chain(certificate, key, password="")
    return context
