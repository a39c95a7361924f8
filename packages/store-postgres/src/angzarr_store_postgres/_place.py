"""Where a component's schema is, and how its login gets there."""

import ipaddress
import os
import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from angzarr_store import RefusedError, StoreConfig

PORT = 5432
PARAMETERS = {"host", "password_file", "sslmode", "sslrootcert"}
LONGEST_NAME = 63
TAKEN = {"owner", "public"}
URL = "store.url"
VERIFY = "verify-full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A schema and the login that reaches it; `shared` lets several processes append to a log.

    A password is in a file of its own, never in the URL: what has no secret may be shown.
    """

    host: str
    port: int
    user: str
    database: str
    schema: str
    shared: bool
    password: str = field(repr=False)
    tls: ssl.SSLContext | None = field(repr=False)

    @classmethod
    def of(cls, config: StoreConfig) -> "Place":
        """Read postgresql://[USER@]HOST[:PORT]/DATABASE[?…]; reads the files that it names.

        Without a user it is that of the component.

        Raises:
            RefusedError: something in it is unknown, unsafe or missing.
        """
        login = login_of(config.component)
        parts = urlsplit(config.url)
        if parts.scheme not in {"postgresql", "postgres"}:
            raise RefusedError(URL, "no address of Postgres", "use postgresql://HOST/DATABASE")
        if parts.password is not None:
            raise RefusedError(URL, "with a password", "put it into a file: ?password_file=PATH")
        given = dict(parse_qsl(parts.query))
        if unknown := sorted(set(given) - PARAMETERS):
            raise RefusedError(URL, f"with {unknown[0]}", f"use {', '.join(sorted(PARAMETERS))}")
        database = unquote(parts.path.removeprefix("/"))
        if not database:
            raise RefusedError(URL, "without a database", "use postgresql://HOST/DATABASE")
        host = given.get("host") or parts.hostname or "localhost"
        return cls(
            host=host,
            port=_port(parts),
            user=unquote(parts.username or login),
            database=database,
            schema=config.component,
            shared=config.shared,
            password=_password(given.get("password_file", "")),
            tls=_tls(host, given.get("sslmode", ""), given.get("sslrootcert", "")),
        )


def login_of(component: str) -> str:
    """Return the name of the login that a component has for itself (security.md C13).

    Raises:
        RefusedError: the component cannot have one.
    """
    login = f"angzarr_{component}"
    if component in TAKEN or len(login) > LONGEST_NAME:
        fix = f"choose another one, of at most {LONGEST_NAME - len('angzarr_')} characters"
        raise RefusedError("component.name", repr(component), fix)
    return login


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or PORT
    except ValueError as error:
        raise RefusedError(URL, "with a port that is none", "use 1 to 65535") from error


def _password(path: str) -> str:
    if not path:
        return ""
    try:
        text, found = Path(path).read_text(encoding="utf-8"), Path(path).stat()
    except OSError as error:
        fix = "name a file of this user"
        raise RefusedError("password_file", f"{path}: {error.strerror}", fix) from error
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or found.st_uid not in {0, os.geteuid()}:
        mode = f"{path} of mode {found.st_mode & 0o777:o} of user {found.st_uid}"
        raise RefusedError("password_file", mode, "make it yours alone: chmod 600")
    return text.rstrip("\n")


def _tls(host: str, mode: str, authority: str) -> ssl.SSLContext | None:
    """Return what proves who answers; only what never leaves this machine needs no proof."""
    if mode not in {"", VERIFY} and not (mode == "disable" and _is_here(host)):
        raise RefusedError("sslmode", mode, f"use {VERIFY}")
    if mode != VERIFY and _is_here(host):
        return None
    try:
        context = ssl.create_default_context(cafile=authority or None)
    except OSError as error:
        fix = "name a file with certificates"
        raise RefusedError("sslrootcert", f"{authority}: {error.strerror}", fix) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_here(host: str) -> bool:
    if host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
