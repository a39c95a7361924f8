"""Three servers that keep every stream three times."""

import socket
from contextlib import ExitStack
from pathlib import Path

from angzarr_testserver_nats._server import NatsServer

SERVERS = 3


class NatsCluster:
    """A cluster on loopback; each server lies in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        ports = _free_ports(SERVERS)
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in ports)
        self.servers = [
            NatsServer(
                directory / f"n{number}",
                flags=(
                    *("--server_name", f"n{number}", "--cluster_name", "angzarr"),
                    *("--cluster", f"nats://127.0.0.1:{port}", "--routes", routes),
                ),
            )
            for number, port in enumerate(ports)
        ]

    @property
    def url(self) -> str:
        """Return where the servers listen, separated by commas."""
        return ",".join(server.url for server in self.servers)

    def start(self) -> None:
        """Start every server; return when all listen, which is before they chose a leader.

        Raises:
            ServerError: one of them ended, or it is not ready within 20 s.
        """
        for server in self.servers:
            server.begin()
        for server in self.servers:
            server.ready()

    def stop(self) -> None:
        """End every server at once; what they hold is thrown away with their directories."""
        for server in self.servers:
            server.kill()


def _free_ports(count: int) -> list[int]:
    """Return ports that were free just now: members must know each other before they start."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for it in sockets:
            it.bind(("127.0.0.1", 0))
        return [int(it.getsockname()[1]) for it in sockets]
