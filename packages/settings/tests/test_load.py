"""Where a setting comes from, and what a wrong one says."""

import json
from pathlib import Path

import pytest

from angzarr_settings import (
    ComponentSettings,
    DeliverySettings,
    InterestSettings,
    Settings,
    SettingsError,
    TimeoutSettings,
    as_environment,
    load,
    load_logic,
    logic_environment,
)


def test_nothing_given_means_the_defaults() -> None:
    """Without flags, environment and file every key has its default."""
    assert load([], {}) == Settings()


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    """Precedence: flag, environment, file, default."""
    file = tmp_path / "angzarr.yaml"
    file.write_text("store: {kind: a, url: from-file}\nbus: {kind: from-file}\n")
    environment = {
        "ANGZARR_CONFIG": str(file),
        "ANGZARR_STORE__KIND": "b",
        "ANGZARR_BUS__KIND": "from-environment",
    }

    found = load(["--store.kind=c"], environment)

    assert (found.store.kind, found.store.url) == ("c", "from-file")
    assert found.bus.kind == "from-environment"


def test_lists_come_as_json() -> None:
    """Endpoints in one variable become values."""
    endpoints = [{"name": "order", "kind": "aggregate", "domain": "order", "address": "unix:/o"}]

    found = load([], {"ANGZARR_DISCOVERY__ENDPOINTS": json.dumps(endpoints)})

    assert [(it.name, it.addresses) for it in found.discovery.endpoints] == [
        ("order", ("unix:/o",))
    ]


def test_an_endpoint_has_an_address_per_replica() -> None:
    """Several in a list; each is one, and there is at least one."""
    variable = "ANGZARR_DISCOVERY__ENDPOINTS"
    order = {"name": "order", "kind": "aggregate", "domain": "order"}
    found = load([], {variable: json.dumps([{**order, "address": ["unix:/a", "b:1"]}])})

    assert [it.addresses for it in found.discovery.endpoints] == [("unix:/a", "b:1")]
    assert load([], as_environment(found)) == found
    for addresses in ([], ["unix:/a", "nowhere"]):
        with pytest.raises(SettingsError, match=r"discovery\.endpoints of order is .*HOST:PORT"):
            load([], {variable: json.dumps([{**order, "address": addresses}])})


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("ANGZARR_STORE__KNID", "x", r"unknown key store.knid .*Did you mean store.kind"),
        ("ANGZARR_LIMITS__PAGE_BYTES", "many", "limits.page_bytes is 'many' .*Make it a number"),
        ("ANGZARR_COMPONENT__DERIVE_CORRELATION", "7", "Make it true or false"),
        ("ANGZARR_COMPONENT__SYNC", "maybe", "component.sync is 'maybe' .*Make it true or false"),
        ("ANGZARR_LISTEN", "nowhere", "listen is 'nowhere' .*HOST:PORT"),
        ("ANGZARR_LISTEN", "unix:/" + "x" * 120, "is 121 bytes, the limit is 107"),
        ("ANGZARR_DISCOVERY__ENDPOINTS", "[{", "is not JSON"),
        ("ANGZARR_DISCOVERY__ENDPOINTS", "x", "Make it a list"),
        ("ANGZARR_DISCOVERY__ENDPOINTS", '[{"name": "a"}]', "missing"),
        ("ANGZARR_STORE", "x", "store is 'x' .*a group of keys"),
        ("ANGZARR_LISTEN__X", "x", "listen is a group"),
    ],
)
def test_a_wrong_value_is_named_with_its_origin(variable: str, text: str, message: str) -> None:
    """The sentence names the key, the variable and the fix."""
    with pytest.raises(SettingsError, match=message):
        load([], {variable: text})


def test_a_wrong_argument_or_file_is_refused(tmp_path: Path) -> None:
    """Neither a bare word nor a broken file is ignored."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("- a list")

    for arguments in (["up"], [f"--config={broken}"], [f"--config={tmp_path}/none.yaml"]):
        with pytest.raises(SettingsError):
            load(arguments, {})
    with pytest.raises(SettingsError, match="store has a value"):
        load(["--store=x", "--store.kind=y"], {})


def test_an_ipv6_address_is_no_list() -> None:
    """What begins with a bracket is JSON unless it is [HOST]:PORT."""
    settings = load(["--listen=[::1]:9084"], {})

    assert settings.listen == "[::1]:9084"
    assert load([], as_environment(settings)) == settings


def test_words_and_numbers_become_their_types() -> None:
    """The environment holds text; settings hold what the key says."""
    found = load(
        ["--component.derive_correlation=False", "--logic_deadline=2.5", "--limits.page_bytes=7"],
        {},
    )

    assert found.component.derive_correlation is False
    assert (found.logic_deadline, found.limits.page_bytes) == (2.5, 7)


def test_settings_survive_the_environment_of_another_process() -> None:
    """What one process hands over as variables is what the other loads."""
    settings = Settings(
        listen="unix:/s",
        component=ComponentSettings(
            name="a",
            inputs=(InterestSettings(domain="order"),),
            sync=False,
            timeouts={"payment": TimeoutSettings(after=0.5, until=("examples.Paid",))},
        ),
        delivery=DeliverySettings(attempts=3, poll_seconds=0.5),
    )

    assert load([], as_environment(settings)) == settings


def test_logic_listens_where_the_environment_says() -> None:
    """TRANSPORT_TYPE, PORT, UDS_BASE_PATH, SERVICE_NAME and the name decide."""
    uds = logic_environment("aggregate", "order", "/run/x", 0)

    assert load_logic("saga", "s", port=7, environment={}).listen == "127.0.0.1:7"
    assert load_logic("saga", "s", port=7, environment={"PORT": "8"}).listen == "127.0.0.1:8"
    found = load_logic("aggregate", "order", port=7, environment=uds)
    assert found.listen == "unix:/run/x/business-order.sock"
    tcp = logic_environment("aggregate", "order", "/run/x", 9)
    assert load_logic("aggregate", "order", port=7, environment=tcp).listen == "127.0.0.1:9"
    with pytest.raises(SettingsError, match="Make it tcp or uds"):
        load_logic("saga", "s", port=7, environment={"TRANSPORT_TYPE": "pigeon"})


def test_editions_are_a_word_or_a_list() -> None:
    """A projector follows main, all, or those that are named."""

    def read(text: str) -> object:
        return load([f"--component.editions={text}"], {}).component.editions

    assert (load([], {}).component.editions, read("all")) == ("main", "all")
    assert read('["what-if", "main"]') == ("what-if", "main")
    with pytest.raises(SettingsError, match=r"component\.editions is 'some'"):
        read("some")


def test_the_word_off_is_a_word(tmp_path: Path) -> None:
    """YAML reads it as false; where false is no choice, it is refused."""
    file = tmp_path / "angzarr.yaml"
    file.write_text("component: {link: off}\n")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("component: {history: off}\n")

    assert load([], {"ANGZARR_CONFIG": str(file)}).component.link == "off"
    assert load(["--component.link=off"], {}).component.link == "off"
    with pytest.raises(SettingsError, match="history"):
        load([], {"ANGZARR_CONFIG": str(wrong)})
