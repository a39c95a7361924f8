"""Rules of layout, names, dependencies and size that hold for every member."""

import configparser
import importlib
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/python/*/pyproject.toml"))
VAGUE = {"common", "core", "utils", "helpers", "base", "managers"}
RANKS = {
    0: {"proto", "ports", "plugins", "settings"},
    1: {"bus", "defence", "discovery", "store"},
    1.5: {"access", "telemetry", "trust"},
    1.75: {"reader"},
    2: {
        "append",
        "deadletter",
        "delivery",
        "disk",
        "dispatch",
        "history",
        "replay",
        "rows",
        "service",
        "simulation",
    },
    2.5: {"tables"},
    3.25: {"replicas", "upcaster"},
    3.5: {"admission", "descriptor", "feed", "link", "log", "progress", "reaction"},
    3.6: {"cascade"},
    4.5: {"plan"},
    5: {"logic-conformance", "testing", "standalone", "terminal", "console"},
    5.5: {"payloads"},
    6: {"doctor", "editions", "inspection", "processes", "rebuilds"},
    7: {"cli"},
}
COMPOSERS = {"logic-conformance", "testing", "cli"}
PROCESSES = {"gateway", "stream", "topology", "projector-log"}

each_member = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def manifest(folder: Path) -> dict[str, Any]:
    """Return a member's pyproject."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def import_name(folder: Path) -> str:
    """Return what a member is imported as."""
    return "angzarr" if folder.name == "proto" else f"angzarr_{folder.name.replace('-', '_')}"


def rank(name: str) -> float:
    """Return how high in the tree of dependencies a member stands."""
    for number, names in RANKS.items():
        if name in names or name.startswith("testserver-"):
            return number
    return 3 if name.startswith(("store-", "bus-", "discovery-")) else 4


@each_member
def test_folder_distribution_and_import_have_one_name(folder: Path) -> None:
    """The folder is the distribution without its prefix; the import follows from it."""
    assert manifest(folder)["project"]["name"] == f"angzarr-{folder.name}"
    assert (folder / "src" / import_name(folder) / "py.typed").exists()
    assert not VAGUE & set(folder.name.split("-"))


@each_member
def test_a_manifest_has_the_only_shape(folder: Path) -> None:
    """Static version, the one build backend, no tool tables but the module name of proto."""
    found = manifest(folder)
    tools = {"uv": {"build-backend": {"module-name": "angzarr"}}} if folder.name == "proto" else {}

    assert found["project"]["version"] == manifest(ROOT)["project"]["version"]
    assert found["project"]["requires-python"] == ">=3.11"
    assert found["build-system"]["build-backend"] == "uv_build"
    assert found.get("tool", {}) == tools


@each_member
def test_dependencies_point_down_and_not_at_a_leaf(folder: Path) -> None:
    """A member depends only on lower ranks; stores, buses and discoveries come by entry point."""
    needed = [re.split(r"[<>=\[]", text)[0] for text in manifest(folder)["project"]["dependencies"]]
    ours = [name.removeprefix("angzarr-") for name in needed if name.startswith("angzarr-")]

    leaves = set() if folder.name in COMPOSERS else {name for name in ours if rank(name) == 3}

    assert [name for name in ours if rank(name) >= rank(folder.name)] == []
    assert leaves == set()


@each_member
def test_the_surface_is_sorted_and_documented(folder: Path) -> None:
    """__all__ is sorted, complete and every class and function in it has a docstring."""
    module = importlib.import_module(import_name(folder))
    documented = [
        name
        for name in module.__all__
        if inspect.isclass(getattr(module, name)) or inspect.isfunction(getattr(module, name))
    ]

    assert len(set(module.__all__)) == len(module.__all__) > 0
    assert [name for name in documented if not getattr(module, name).__doc__] == []


@each_member
def test_a_readme_has_four_parts(folder: Path) -> None:
    """One sentence, the contract, the settings and how to run the tests, in at most 30 lines."""
    text = (folder / "README.md").read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 30
    assert text.startswith(f"# angzarr-{folder.name}\n")
    assert [text.count(f"\n{part}: ") for part in ("Contract", "Settings", "Tests")] == [1, 1, 1]
    assert f"uv run pytest packages/{folder.name}" in text


@each_member
def test_a_process_has_one_script_named_as_its_member(folder: Path) -> None:
    """Coordinators, gateway and the other processes have one console script and no other entry."""
    is_process = folder.name.startswith("coordinator-") or folder.name in PROCESSES
    scripts = manifest(folder)["project"].get("scripts", {})

    if is_process:
        assert scripts == {f"angzarr-{folder.name}": f"{import_name(folder)}:main"}
    else:
        assert set(scripts) <= {"angzarr"}


@each_member
def test_an_implementation_is_found_by_the_name_of_its_folder(folder: Path) -> None:
    """store-X, bus-X and discovery-X are the entry point X of their contract's group."""
    port, _, name = folder.name.partition("-")
    wanted = {}
    if port in {"store", "bus", "discovery"} and name not in {"", "conformance"}:
        wanted = {f"angzarr.{port}": {name}}
    points = manifest(folder)["project"].get("entry-points", {})

    assert {group: set(found) for group, found in points.items() if group != "pytest11"} == wanted


def test_the_public_names_are_those_of_the_golden_list() -> None:
    """A name that comes or goes is seen in tests/surface.txt."""
    found = [
        f"{import_name(folder)}: {' '.join(importlib.import_module(import_name(folder)).__all__)}"
        for folder in FOLDERS
    ]

    assert found == (ROOT / "tests/surface.txt").read_text(encoding="utf-8").splitlines()


def test_every_member_is_a_root_package_of_the_import_contracts() -> None:
    """The list of the import linter is complete."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")

    listed = parser["importlinter"]["root_packages"].split()

    assert listed == sorted(map(import_name, FOLDERS))


def test_every_member_is_a_source_of_the_workspace() -> None:
    """The root names each member once."""
    found = manifest(ROOT)["tool"]["uv"]["sources"]

    ours = [f"angzarr-{folder.name}" for folder in FOLDERS]
    assert sorted(found) == sorted(ours + [f"angzarr-example-{it.name}" for it in EXAMPLES])


def test_business_code_knows_only_what_authors_import() -> None:
    """An example depends on the client, its messages and settings, never on a coordinator."""
    allowed = {"angzarr-client", "angzarr-example-proto", "angzarr-proto", "angzarr-settings"}
    for folder in EXAMPLES:
        needed = manifest(folder)["project"]["dependencies"]
        ours = {text for text in needed if text.startswith("angzarr-")}

        assert ours <= allowed, folder.name
        assert f"uv run pytest examples/python/{folder.name}" in (folder / "README.md").read_text()
        assert import_of_example(folder).joinpath("py.typed").exists()


def import_of_example(folder: Path) -> Path:
    """Return the package of an example member."""
    name = folder.name.replace("-", "_")
    return folder / "src" / ("examples" if name == "proto" else f"angzarr_example_{name}")


def test_floors_equal_the_stamps_of_the_generated_code() -> None:
    """Grpcio and protobuf are at least what the generator stamped into its output."""
    code = ROOT / "packages/proto/src/angzarr"
    stub = (code / "aggregate_pb2_grpc.py").read_text(encoding="utf-8")
    message = (code / "types_pb2.py").read_text(encoding="utf-8")
    grpc = re.search(r"GRPC_GENERATED_VERSION = '([\d.]+)'", stub)
    protobuf = re.search(r"Protobuf Python Version: ([\d.]+)", message)

    assert grpc is not None
    assert protobuf is not None
    assert manifest(ROOT / "packages/proto")["project"]["dependencies"] == [
        f"grpcio>={grpc[1]}",
        f"protobuf>={protobuf[1]}",
    ]


def test_the_root_stays_small() -> None:
    """The root pyproject has at most 100 lines beside one per member, the noxfile 120."""
    members = len(manifest(ROOT)["tool"]["uv"]["sources"])
    for name, limit in (("pyproject.toml", 100 + members), ("noxfile.py", 120)):
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= limit


def test_changes_and_decisions_have_their_shape() -> None:
    """A fragment is one sentence in a file of a known kind; an ADR has every heading."""
    for path in (ROOT / "changes").glob("*.md"):
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md", path.name)
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        text = path.read_text(encoding="utf-8")
        for heading in ("Status", "Context", "Decision", "Consequences", "Alternatives"):
            assert f"## {heading}" in text, path.name
        assert "## Violated when" in text, path.name
