"""Ends of a log, signed, in another trust zone (reliability.md §7.1, security.md C15)."""

import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES, OTHERS_MODE = 16, 0o077
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class HeadsError(Exception):
    """What was exported, or the key, cannot be used; the text says where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedHead:
    """A position, the chain value there, and the byte at which the next line begins."""

    position: int
    chain: bytes
    end: int


class HeadsFile:
    """The lines `domain position chain signature` of one domain; every method blocks.

    The signature is HMAC-SHA256 of what is before it, with the secret in the file `key`.

    Raises:
        HeadsError: the key is short or others can read it.
        OSError: there is none.
    """

    def __init__(self, directory: Path, domain: str, key: Path) -> None:
        self._path = directory / f"{domain}.heads"
        self._domain = domain
        self._key = key.read_bytes().strip()
        if len(self._key) < KEY_BYTES or key.stat().st_mode & OTHERS_MODE:
            raise HeadsError(f"{key}: chmod 600, and at least {KEY_BYTES} random bytes in it")

    def read(self, begin: int) -> Iterator[ExportedHead]:
        """Yield what was exported from byte `begin` on; a torn line at the end is none.

        Raises:
            HeadsError: a line is not signed with the key.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(begin)
            while (line := file.readline()).endswith(b"\n"):
                position, _, chain = line.decode(errors="replace").partition(" ")[2].partition(" ")
                if not hmac.compare_digest(line, self._line(position, chain.partition(" ")[0])):
                    at = file.tell() - len(line)
                    raise HeadsError(f"{self._path}: the line at byte {at} is not signed with it")
                chain_bytes = bytes.fromhex(chain.partition(" ")[0])
                yield ExportedHead(position=int(position), chain=chain_bytes, end=file.tell())

    def append(self, position: int, chain: bytes, end: int) -> int:
        """Add a line behind byte `end`, where a torn one may be; return the new end, synced."""
        with os.fdopen(os.open(self._path, _FLAGS, 0o600), "ab") as file:
            file.truncate(min(end, file.tell()))
            file.write(self._line(str(position), chain.hex()))
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _line(self, position: str, chain: str) -> bytes:
        text = f"{self._domain} {position} {chain}"
        return f"{text} {hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()}\n".encode()
