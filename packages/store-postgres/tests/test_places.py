"""What a URL says, and what is refused before anything is connected."""

import ssl
from pathlib import Path

import pytest

from angzarr_store import RefusedError, StoreConfig
from angzarr_store_postgres._place import Place

from .conftest import keep_secret


def place(url: str, component: str = "order") -> Place:
    """Return the place of a component."""
    return Place.of(StoreConfig(url=url, component=component))


def test_a_component_has_its_own_login_and_schema() -> None:
    """One URL serves all components; a user in it goes before."""
    found = place("postgresql://localhost/shop")

    assert (found.user, found.schema, found.database) == ("angzarr_order", "order", "shop")
    assert (found.host, found.port, found.tls) == ("localhost", 5432, None)
    assert place("postgresql://%61da@[::1]:99/shop").user == "ada"
    assert place("postgres:///shop?host=/run/postgresql").host == "/run/postgresql"


def test_a_password_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    """Neither by the place nor by what is refused."""
    keep_secret(tmp_path / "password", "hunter2")

    found = place(f"postgresql://localhost/shop?password_file={tmp_path / 'password'}")
    with pytest.raises(RefusedError) as refused:
        place("postgresql://ada:hunter2@localhost/shop")

    assert found.password == "hunter2"  # noqa: S105 - of this test
    assert "hunter2" not in repr(found) + str(refused.value)
    assert "password_file" in str(refused.value)


def test_a_password_that_others_read_is_refused(tmp_path: Path) -> None:
    """And one that is not there."""
    file = tmp_path / "password"
    keep_secret(file, "hunter2")
    file.chmod(0o640)

    with pytest.raises(RefusedError, match=r"of mode 640 .*chmod 600"):
        place(f"postgresql://localhost/shop?password_file={file}")
    with pytest.raises(RefusedError, match="No such file"):
        place(f"postgresql://localhost/shop?password_file={tmp_path / 'none'}")


def test_who_answers_from_elsewhere_is_verified(tmp_path: Path) -> None:
    """Anything weaker is refused; on this machine nothing is asked, but it can be."""
    far = place("postgresql://db.example/shop").tls
    near = place("postgresql://127.0.0.1/shop?sslmode=verify-full").tls

    for found in (far, near):
        assert found is not None
        assert (found.verify_mode, found.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert found.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert place("postgresql://127.0.0.1/shop?sslmode=disable").tls is None
    for mode in ("disable", "prefer", "require", "verify-ca"):
        with pytest.raises(RefusedError, match=f"sslmode is {mode}; use verify-full"):
            place(f"postgresql://db.example/shop?sslmode={mode}")
    with pytest.raises(RefusedError, match="sslrootcert"):
        place(f"postgresql://db.example/shop?sslrootcert={tmp_path / 'none'}")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/var/lib/angzarr", "no address of Postgres"),
        ("mysql://localhost/shop", "no address of Postgres"),
        ("postgresql://localhost", "without a database"),
        ("postgresql://localhost:99999/shop", "port"),
        ("postgresql://localhost/shop?connect_timeout=1", "with connect_timeout; use host"),
    ],
)
def test_an_address_that_says_something_else_is_refused(url: str, why: str) -> None:
    """Nothing in it is ignored."""
    with pytest.raises(RefusedError, match=why):
        place(url)


@pytest.mark.parametrize("component", ["owner", "public", "a" * 56])
def test_a_component_that_cannot_have_a_login_is_refused(component: str) -> None:
    """Its name is that of another role or schema, or longer than Postgres keeps names."""
    with pytest.raises(RefusedError, match=r"component\.name"):
        place("postgresql://localhost/shop", component)
