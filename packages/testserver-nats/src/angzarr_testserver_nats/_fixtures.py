"""Fixtures that tests get from this plugin."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from angzarr_testserver_nats._cluster import NatsCluster
from angzarr_testserver_nats._server import NatsServer


@pytest.fixture
def make_nats_server(tmp_path: Path) -> Iterator[Callable[..., NatsServer]]:
    """Start one more server, by the arguments of `NatsServer`; it ends with the test."""
    made: list[NatsServer] = []

    def make(configuration: str = "", *flags: str) -> NatsServer:
        directory = tmp_path / f"nats{len(made)}"
        made.append(NatsServer(directory, configuration=configuration, flags=flags))
        made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def nats_server(make_nats_server: Callable[..., NatsServer]) -> NatsServer:
    """A running server without logins; it ends with the test."""
    return make_nats_server()


@pytest.fixture
def nats_cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    """Three running servers; they end with the test."""
    cluster = NatsCluster(tmp_path / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
