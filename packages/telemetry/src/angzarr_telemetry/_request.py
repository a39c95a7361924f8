"""The head of an HTTP request, read strictly: what is doubtful is refused (security.md C28)."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

_FIRST = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.[01]")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*?)[ \t]*")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::[0-9]{1,5})?")
READ_ONLY = frozenset({"GET", "HEAD"})


class RefusedRequestError(Exception):
    """The request gets this status and nothing else."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request without a body; of a parameter that is given twice the last value counts."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(head: bytes, hosts: Collection[str] | None) -> "Request":
        """Return the request whose head, up to the empty line, is `head`.

        `hosts` are the names by which the server may be called, beside any address: a foreign
        name is how a web page reaches a private server. None admits every name.

        Raises:
            RefusedRequestError: it is malformed, has a body, may change something, or calls the
                server by a foreign name.
        """
        first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        found = _FIRST.fullmatch(first)
        if found is None:
            raise RefusedRequestError(400, "the request line is malformed")
        headers = _headers(lines)
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            raise RefusedRequestError(400, "a body is not accepted")
        if hosts is not None and not _is_known(headers.get("host", ""), hosts):
            raise RefusedRequestError(421, "the host is not served here")
        method = found[1].decode()
        if method not in READ_ONLY:
            raise RefusedRequestError(405, "only GET and HEAD are served")
        path, _, query = found[2].decode().partition("?")
        return Request(method=method, path=path, query=dict(parse_qsl(query)))


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise RefusedRequestError(400, "a header is malformed")
        name = found[1].decode().lower()
        if name in headers and name in {"host", "content-length", "transfer-encoding"}:
            raise RefusedRequestError(400, f"{name} is given twice")
        headers[name] = found[2].decode()
    return headers


def _is_known(host: str, hosts: Collection[str]) -> bool:
    found = _HOST.fullmatch(host)
    name = found[1].strip("[]").lower() if found else ""
    if name in hosts:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
