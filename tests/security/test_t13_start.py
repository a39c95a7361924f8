"""T13: what does not start, and says the setting, its value and the fix."""

import subprocess
import sys
from pathlib import Path

import pytest

from angzarr_settings import SettingsError, load

from .application import ROOT, application, listening, one_component

pytestmark = pytest.mark.timeout(120)

GATEWAY = Path(sys.executable).with_name("angzarr-gateway")
USAGE, REFUSED = 2, 78
EVERYWHERE = ("0.0.0.0", "[::]", "192.0.2.7")  # noqa: S104 - what is refused


@pytest.mark.parametrize("host", EVERYWHERE)
def test_a_gateway_for_other_machines_does_not_start(host: str) -> None:
    """Without certificates: exit 78 with the address and what to set."""
    done = subprocess.run(  # noqa: S603 - our own program
        [GATEWAY, f"--listen={host}:0"], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == REFUSED
    told = f"listen is {host}:0, beyond this machine without TLS; set tls.certificate"
    assert told in done.stdout + done.stderr


@pytest.mark.parametrize("host", EVERYWHERE)
def test_an_application_for_other_machines_does_not_start(host: str) -> None:
    """Exit 2, before anything is started."""
    with application(one_component(), f"--gateway={host}:9") as made:
        code, output = made.refused()

        assert code == USAGE
        assert f"gateway.listen is '{host}:9'" in output
        assert "Make it 127.0.0.1:9" in output
        assert not (made.home / ".angzarr" / "logs").exists()


def test_without_tcp_nothing_listens_on_tcp() -> None:
    """Neither the gateway nor any other process."""
    with application(one_component(), "--no-tcp") as made:
        made.start()
        assert made.supervisor is not None

        assert listening([made.supervisor.pid, *made.pids().values()]) == []
        assert (made.run / "gateway.sock").is_socket()


def test_a_name_that_is_a_path_does_not_start() -> None:
    """It would be part of the names of files, sockets and pipes."""
    text = one_component().replace("  order:", '  "../order":')
    with application(text) as made:
        code, output = made.refused()

        assert code == USAGE
        assert "components has the name '../order'" in output
        assert [it.name for it in made.directory.iterdir()] == ["home"]


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A value from a file is a secret."""
    file = tmp_path / "url"
    file.write_text("somewhere")
    file.chmod(mode)

    with pytest.raises(SettingsError, match=f"is of mode {mode:o} of user .* chmod 600"):
        load([], {"ANGZARR_STORE__URL_FILE": str(file)})


def test_the_oldest_libraries_admitted_know_their_attacks() -> None:
    """CVE-2024-7246 and before for grpcio; CVE-2025-4565 and CVE-2026-0994 for protobuf."""
    floors = {"grpcio": (1, 80), "protobuf": (6, 33, 5)}
    found = [
        (name.partition("-")[0], tuple(map(int, version.split("."))))
        for path in ROOT.glob("packages/*/pyproject.toml")
        for line in path.read_text(encoding="utf-8").split('"')
        for name, sign, version in [line.partition(">=")]
        if sign and name.partition("-")[0] in floors
    ]

    assert found
    assert [it for it in found if it[1] < floors[it[0]]] == []
