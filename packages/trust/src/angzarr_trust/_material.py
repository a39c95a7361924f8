"""The three files that say who this process is."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from angzarr_settings import TlsSettings
from angzarr_store import RefusedError
from angzarr_trust._identity import Identity
from angzarr_trust._proof import proven

OTHERS_MODE = 0o077
EXPECTED = "spiffe://angzarr/<namespace>/<component>"

Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A certificate that an authority vouches for today.

    Units: `expires` is seconds since the epoch. `stamp` is another one when a file is.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    authority: bytes
    identity: Identity
    expires: float
    stamp: Stamp


class Files:
    """Where certificate, key and authority are; every method blocks."""

    def __init__(self, settings: TlsSettings) -> None:
        self._paths = {
            "tls.certificate": Path(settings.certificate),
            "tls.key": Path(settings.key),
            "tls.authority": Path(settings.authority),
        }

    def stamp(self) -> Stamp:
        """Return what changes with the files.

        Raises:
            RefusedError: one cannot be read.
        """
        found = [_stat(setting, path) for setting, path in self._paths.items()]
        return tuple((it.st_ino, it.st_size, it.st_mtime_ns) for it in found)

    def read(self) -> Material:
        """Return what the files hold, if a peer with this authority would believe it.

        Raises:
            RefusedError: it would not; one cannot be read, or others can read the key.
        """
        before = self.stamp()
        self._check_private()
        certificate, key, authority = (_bytes(*it) for it in self._paths.items())
        shown = self._proven()
        identity = Identity.of(text for kind, text in shown["subjectAltName"] if kind == "URI")
        if identity is None:
            raise self._refused("tls.certificate", f"without the one name {EXPECTED}", "add it")
        if self.stamp() != before:
            raise self._refused("tls.certificate", "being replaced", "wait")
        return Material(
            certificate=certificate,
            key=key,
            authority=authority,
            identity=identity,
            expires=ssl.cert_time_to_seconds(shown["notAfter"]),
            stamp=before,
        )

    def _check_private(self) -> None:
        found = _stat("tls.key", self._paths["tls.key"])
        if found.st_mode & OTHERS_MODE or found.st_uid not in {0, os.geteuid()}:
            what = f"of mode {found.st_mode & 0o777:o} of user {found.st_uid}"
            raise self._refused("tls.key", what, "make it yours alone: chmod 600")

    def _proven(self) -> Mapping[str, Any]:
        try:
            found = proven(*self._paths.values())
        except ssl.SSLCertVerificationError as error:
            what = f"refused by tls.authority: {error.verify_message}"
            raise self._refused("tls.certificate", what, "renew it") from error
        except ssl.SSLError as error:
            what = f"of no use: {error.reason or 'no certificate'}"
            fix = "give PEM files: the chain, its own key without a password, the authority"
            raise self._refused("tls.certificate", what, fix) from error
        return {"subjectAltName": (), **found}

    def _refused(self, setting: str, what: str, fix: str) -> RefusedError:
        return RefusedError(setting, f"{self._paths[setting]}, {what}", fix)


def _stat(setting: str, path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise _unreadable(setting, path, error) from error


def _bytes(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(setting, path, error) from error


def _unreadable(setting: str, path: Path, error: OSError) -> RefusedError:
    return RefusedError(setting, f"{path}, {error.strerror}", "name a file of this user")
