"""angzarr store migrate."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from angzarr_cli._main import main
from angzarr_testserver_postgres import PostgresServers

COMPONENTS = """
components:
  order: {kind: aggregate, address: "unix:/nowhere"}
  saga-order-stock: {kind: saga, address: "unix:/nowhere", inputs: [order]}
"""


def migrate(place: Path, store: str, *more: str) -> Result:
    """Run the command for an application with this store."""
    file = place / "angzarr.yaml"
    file.write_text(f"project: shop\nstore: {store}\n{COMPONENTS}")
    return CliRunner().invoke(main, [f"--config={file}", "store", "migrate", *more])


def test_tables_of_every_component_are_made(
    tmp_path: Path, postgres_servers: PostgresServers
) -> None:
    """As another login than that of the application; the second time nothing is left to do."""
    server = postgres_servers.start(18)
    secret = tmp_path / "admin"
    secret.touch(mode=0o600)
    secret.write_text(server.password)
    place = f"127.0.0.1:{server.port}/postgres"
    store = f"{{kind: postgres, url: 'postgresql://{place}'}}"
    admin = f"--url=postgresql://postgres@{place}?password_file={secret}"

    told = [migrate(tmp_path, store, admin) for _ in range(2)]
    refused = migrate(tmp_path, store, f"--url=postgresql://me:{server.password}@{place}")
    server.stop()
    gone = migrate(tmp_path, store, admin)

    names = ("order", "saga-order-stock", "angzarr.saga-failures")
    assert [it.output for it in told] == ["".join(f"ok    tables of {it}\n" for it in names)] * 2
    assert (refused.exit_code, gone.exit_code) == (2, 6)
    assert "password_file" in refused.output
    assert server.password not in refused.output


@pytest.mark.parametrize(("kind", "code"), [("sqlite", 0), ("nothing", 2)])
def test_other_stores_need_no_migration(tmp_path: Path, kind: str, code: int) -> None:
    """They bring their tables up when they are opened; what is not installed is named."""
    result = migrate(tmp_path, f"{{kind: {kind}}}")

    assert result.exit_code == code
    assert ("tables of order" in result.output) == (code == 0)
