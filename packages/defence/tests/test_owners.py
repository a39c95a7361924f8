"""Whose a connection is."""

import os
import socket

import pytest

from angzarr_defence import owner_of
from angzarr_defence._kernel import _read


@pytest.mark.parametrize(("family", "host"), [("AF_INET", "127.0.0.1"), ("AF_INET6", "::1")])
def test_the_owner_of_a_connection_is_known(family: str, host: str) -> None:
    """By the one socket that is asked for, and by the whole table."""
    with socket.create_server((host, 0), family=socket.AddressFamily[family]) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port)) as client:
            mine = client.getsockname()[1]

            assert owner_of(host, mine, port) == _read(host, mine, port) == os.geteuid()
        accepted, _ = server.accept()
        with accepted:
            assert owner_of(host, mine, port) is None
            assert _read(host, mine, port) is None


def test_nobody_holds_a_connection_that_is_not_there() -> None:
    """Neither way of asking finds one."""
    assert owner_of("127.0.0.1", 1, 2) is None
    assert _read("::1", 1, 2) is None
