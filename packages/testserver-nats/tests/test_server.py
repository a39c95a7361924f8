"""A server of a test is a real one, on a port of its own, and ends with the test."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from angzarr_testserver_nats import NatsCluster, NatsServer, ServerError


def greeting(server: NatsServer) -> dict[str, object]:
    """Return what a server says to who connects."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        line = connection.makefile("rb").readline()
    found: dict[str, object] = json.loads(line.removeprefix(b"INFO "))
    return found


def test_a_server_speaks_jetstream(nats_server: NatsServer) -> None:
    """It listens on loopback and offers JetStream."""
    assert greeting(nats_server)["jetstream"] is True


def test_servers_do_not_meet(make_nats_server: Callable[..., NatsServer]) -> None:
    """Two of them have two ports and two directories."""
    one, other = make_nats_server(), make_nats_server()

    assert greeting(one)["server_id"] != greeting(other)["server_id"]
    assert one.directory != other.directory


def test_a_killed_server_comes_back_at_its_place(nats_server: NatsServer) -> None:
    """After SIGKILL nobody listens; started again it has the port that it had."""
    port = nats_server.port
    nats_server.kill()
    nats_server.kill()
    with pytest.raises(ConnectionRefusedError):
        greeting(nats_server)
    nats_server.start()

    assert greeting(nats_server)["port"] == port


def test_a_frozen_server_is_silent_until_it_thaws(nats_server: NatsServer) -> None:
    """Its port accepts and says nothing."""
    nats_server.freeze()
    with socket.create_connection(("127.0.0.1", nats_server.port), timeout=0.1) as connection:
        with pytest.raises(TimeoutError):
            connection.recv(1)
        nats_server.thaw()
        connection.settimeout(10)

        assert connection.recv(4) == b"INFO"


def test_a_frozen_server_that_does_not_stop_is_killed(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has ended when `stop` returns, and there is nobody left to freeze."""
    monkeypatch.setattr("angzarr_testserver_nats._server.STOP_SECONDS", 0.1)
    nats_server.freeze()
    nats_server.stop()
    nats_server.freeze()

    assert nats_server.process is None


def test_a_server_that_is_not_ready_in_time_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is left."""
    monkeypatch.setattr("angzarr_testserver_nats._server.START_SECONDS", -1.0)
    server = NatsServer(tmp_path)

    with pytest.raises(ServerError, match="is not ready"):
        server.start()

    assert server.process is None


def test_wiped_data_is_gone(nats_server: NatsServer) -> None:
    """What a stopped server kept is deleted, and it starts as a new one."""
    nats_server.stop()
    assert nats_server.data.exists()
    nats_server.wipe()

    assert not nats_server.data.exists()
    nats_server.start()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The error holds what the server wrote."""
    server = NatsServer(tmp_path, configuration="no_such_word: 1")

    with pytest.raises(ServerError, match="no_such_word"):
        server.start()


def test_a_cluster_is_three_servers_that_know_each_other(nats_cluster: NatsCluster) -> None:
    """They have one cluster name and three ports."""
    found = [greeting(server) for server in nats_cluster.servers]

    assert {it["cluster"] for it in found} == {"angzarr"}
    assert len(set(nats_cluster.url.split(","))) == 3
