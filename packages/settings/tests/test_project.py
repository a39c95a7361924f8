"""The file of an application."""

from pathlib import Path

import pytest

from angzarr_settings import InterestSettings, SettingsError, load_project

FILE = """
project: shop
store: {url: data}
components:
  order: {kind: aggregate, run: [serve-order], env: {A: "1"}, after: [fraud]}
  saga-order-stock: {run: [serve-saga], inputs: [order, {domain: stock, types: [a.B]}]}
services:
  fraud: {run: [serve-fraud], health: {http: "http://127.0.0.1:1/health"}}
"""


def test_an_application_is_read_with_paths_beside_its_file(tmp_path: Path) -> None:
    """Components, services and interests become values; the store lies beside the file."""
    file = tmp_path / "angzarr.yaml"
    file.write_text(FILE)

    found = load_project([f"--config={file}", "--gateway.listen=127.0.0.1:1"], {})

    assert found.store.url == str(tmp_path / "data")
    assert found.gateway.listen == "127.0.0.1:1"
    assert found.components["order"].env == {"A": "1"}
    assert found.components["saga-order-stock"].inputs == (
        InterestSettings(domain="order"),
        InterestSettings(domain="stock", types=("a.B",)),
    )
    assert found.services["fraud"].health.http == "http://127.0.0.1:1/health"


def test_a_store_with_an_address_lies_nowhere_here(tmp_path: Path) -> None:
    """Its URL is kept as it is; nobody takes it for a directory."""
    file = tmp_path / "angzarr.yaml"
    file.write_text(FILE.replace("{url: data}", "{kind: postgres, url: 'postgresql://db/shop'}"))

    found = load_project([f"--config={file}"], {}).store

    assert (found.url, found.directory) == ("postgresql://db/shop", "")


def test_replicas_are_counted_for_all_or_for_one(tmp_path: Path) -> None:
    """A component may have its own number; what has none of its own has that of all."""
    file = tmp_path / "angzarr.yaml"
    ports = "{kind: postgres, url: 'postgresql://db/shop'}\nbus: {kind: nats, url: 'nats://db'}"
    shared = FILE.replace("{url: data}", f"{ports}\nreplicas: 3")
    file.write_text(shared.replace("after:", "replicas: 1, after:"))

    found = load_project([f"--config={file}"], {})

    assert [found.replicas_of(it) for it in ("order", "saga-order-stock", "angzarr.x")] == [1, 3, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("run: [serve-order]", "domain: x"), "neither run and address"),
        (("kind: aggregate", "kind: agregate"), "components.order.kind is 'agregate'"),
        (("after: [fraud]", "after: [freud]"), "names 'freud', which does not exist"),
        (("env: {A", "enw: {A"), "unknown key components.order.enw .*components.order.env"),
        (("run: [serve-fraud]", "address: x"), "unknown key services.fraud.address"),
        (("project: shop", "replicas: 0"), "replicas is 0 .*Make it 1 or more"),
        (("project: shop", "replicas: 2"), "2, but store sqlite and bus ipc are not both for"),
        (("after:", "replicas: 2, after:"), r"components\.order\.replicas is 2, but .*Use store"),
    ],
)
def test_a_wrong_application_is_refused(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    """The sentence names the key and the fix."""
    file = tmp_path / "angzarr.yaml"
    file.write_text(FILE.replace(*change))

    with pytest.raises(SettingsError, match=message):
        load_project([f"--config={file}"], {})


def test_without_a_file_the_next_step_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither flag, variable nor ./angzarr.yaml: refused."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError, match=r"there is no angzarr.yaml here"):
        load_project([], {})


def test_the_file_of_the_current_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without flag and variable ./angzarr.yaml is read."""
    (tmp_path / "angzarr.yaml").write_text(FILE)
    monkeypatch.chdir(tmp_path)

    found = load_project([], {})

    assert (found.project, found.home) == ("shop", str(tmp_path))
