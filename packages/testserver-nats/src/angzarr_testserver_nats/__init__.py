"""Real NATS servers for tests."""

from angzarr_testserver_nats._cluster import NatsCluster
from angzarr_testserver_nats._server import NatsServer, ServerError

__all__ = ["NatsCluster", "NatsServer", "ServerError"]
