"""Fixtures that tests get from this plugin."""

from collections.abc import Iterator

import pytest

from angzarr_testserver_postgres._servers import PostgresServers


@pytest.fixture(scope="session")
def postgres_servers() -> Iterator[PostgresServers]:
    """Servers that end with the test session, and the templates that they are copied from."""
    with PostgresServers() as servers:
        yield servers
