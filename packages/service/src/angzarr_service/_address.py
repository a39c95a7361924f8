"""Addresses: unix:PATH or HOST:PORT."""

from pathlib import Path


def is_unix(address: str) -> bool:
    """Say whether the address is that of a Unix socket."""
    return address.startswith("unix:")


def socket_path(address: str) -> Path:
    """Return the path of a Unix socket's address."""
    return Path(address.removeprefix("unix:"))
