"""Where the servers are and who we are to them (security.md §3 C12, C17, §8)."""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from angzarr_bus import BusConfig, BusRefusedError

OTHERS_MODE = 0o077
DEFAULT_PORT = 4222
CLUSTER = 3
URL, CREDENTIALS = "bus.url", "bus.credentials"

_USER = re.compile(r"[A-Za-z0-9_=-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user of the servers; nobody for servers that ask for none."""

    user: str = ""
    password: str = ""

    @property
    def inbox_prefix(self) -> str:
        """Return the beginning of the subjects at which only this user listens."""
        return f"_INBOX.{self.user}" if self.user else "_INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The servers, in the order of the setting, and the file of the login."""

    servers: tuple[str, ...]
    credentials: str

    @classmethod
    def of(cls, config: BusConfig) -> "Place":
        """Return what the settings say.

        Raises:
            BusRefusedError: no server is named, one would be reached in the clear from another
                machine, or a password stands where everybody reads it.
        """
        servers = tuple(_server(text.strip()) for text in config.url.split(","))
        return cls(servers=servers, credentials=config.credentials)

    @property
    def replicas(self) -> int:
        """Return how often a stream is kept: as often as servers are named, up to a cluster."""
        return CLUSTER if len(self.servers) >= CLUSTER else 1

    def login(self) -> Login:
        """Return the login as its file says it now; blocks.

        Raises:
            BusRefusedError: the file cannot be read, others may read it, or it holds no login.
        """
        if not self.credentials:
            return Login()
        path = Path(self.credentials)
        try:
            text, found = path.read_text(encoding="utf-8"), path.stat()
        except (OSError, UnicodeDecodeError) as error:
            raise BusRefusedError(CREDENTIALS, f"{path}, {error}", "name a file") from error
        if found.st_mode & OTHERS_MODE or found.st_uid not in {0, os.geteuid()}:
            what = f"{path} of mode {found.st_mode & 0o777:o} of user {found.st_uid}"
            raise BusRefusedError(CREDENTIALS, what, "make it yours alone: chmod 600")
        user, _, password = text.rstrip("\r\n").partition(":")
        if not (_USER.fullmatch(user) and password):
            raise BusRefusedError(CREDENTIALS, f"{path}, no login", "write user:password into it")
        return Login(user=user, password=password)


def _server(text: str) -> str:
    try:
        found = urlsplit(text)
        host, port = found.hostname, found.port or DEFAULT_PORT
    except ValueError as error:
        raise BusRefusedError(URL, repr(_told(text)), "use nats://HOST:PORT") from error
    if found.scheme not in {"nats", "tls"} or not host or found.path.strip("/"):
        raise BusRefusedError(URL, repr(_told(text)), "use nats://HOST:PORT")
    if found.username is not None:
        raise BusRefusedError(URL, repr(_told(text)), f"name the login's file: {CREDENTIALS}")
    if found.scheme == "nats" and not _is_loopback(host):
        raise BusRefusedError(URL, text, "use tls:// beyond this machine")
    return SplitResult(
        found.scheme, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "", "", ""
    ).geturl()


def _told(text: str) -> str:
    """Return a URL without what may be a password in it."""
    scheme, separator, rest = text.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
