"""Another language brings its own services, as processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from angzarr_logic_conformance import AggregateContract

HERE = Path(__file__).parent
FEW = "count_the_pages or commands_need_no_sequence"


def run(service: Path) -> subprocess.CompletedProcess[str]:
    """Run some of the tests with the services that a command serves."""
    command = f"{sys.executable} {service}"
    options = ["-q", "-p", "no:cacheprovider", f"--foreign-logic={command}", "-k", FEW]
    words = [sys.executable, "-m", "pytest", *options, str(HERE / "test_python.py")]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own program


@pytest.mark.timeout(150)
def test_the_services_of_a_command_pass() -> None:
    """Each behaviour is a process of its own, at a port that it is told."""
    done = run(HERE / "foreign_service.py")

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.timeout(150)
def test_a_service_that_behaves_otherwise_fails(tmp_path: Path) -> None:
    """One that always leaves gaps is found out: the kit asks the command, not itself."""
    text = (HERE / "foreign_service.py").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text.replace('variable("BEHAVIOUR")', '"gaps"'), encoding="utf-8")

    done = run(wrong)

    assert done.returncode == 1
    assert "test_logic_may_count_the_pages_it_got" in done.stdout


def test_a_contract_test_cannot_be_replaced() -> None:
    """A language can neither drop nor replace one."""
    name = "test_a_payload_may_be_anything"

    with pytest.raises(TypeError, match=name):
        type("TestOthers", (AggregateContract,), {name: lambda _: None})
