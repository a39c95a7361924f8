"""Real Postgres servers for tests, on free ports, without root."""

from angzarr_testserver_postgres._binaries import VERSIONS, MissingBinariesError
from angzarr_testserver_postgres._server import PostgresServer, ServerError
from angzarr_testserver_postgres._servers import PostgresServers

__all__ = ["VERSIONS", "MissingBinariesError", "PostgresServer", "PostgresServers", "ServerError"]
