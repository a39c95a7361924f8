"""Rules of layout, names, dependencies and size that hold for every member."""

import ast
import configparser
import importlib
import inspect
import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/python/*/pyproject.toml"))
DRIVERS = {"sqlite3": "store-sqlite", "aiosqlite": "store-sqlite", "asyncpg": "", "nats": ""}
VAGUE = {"common", "core", "utils", "helpers", "base", "managers"}
RANKS = {
    0: {"proto", "ports", "plugins", "settings"},
    1: {"store", "bus", "discovery"},
    2: {"replay", "delivery", "dispatch", "deadletter", "service", "simulation"},
    5: {"testing", "standalone", "console"},
    6: {"cli"},
}
COMPOSERS = {"testing", "cli"}

each_member = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def manifest(folder: Path) -> dict[str, Any]:
    """Return a member's pyproject."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def import_name(folder: Path) -> str:
    """Return what a member is imported as."""
    return "angzarr" if folder.name == "proto" else f"angzarr_{folder.name.replace('-', '_')}"


def sources(folder: Path) -> Iterator[Path]:
    """Yield the hand-written modules of a member."""
    for path in sorted((folder / "src").rglob("*.py")):
        if "_pb2" not in path.name and path.name != "rpc.py":
            yield path


def rank(name: str) -> int:
    """Return how high in the tree of dependencies a member stands."""
    for number, names in RANKS.items():
        if name in names or name.startswith("testserver-"):
            return number
    return 3 if name.startswith(("store-", "bus-", "discovery-")) else 4


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


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
def test_a_driver_is_named_in_one_member(folder: Path) -> None:
    """Only the backend of a driver imports it."""
    names = {
        alias.name.partition(".")[0]
        for path in sources(folder)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert [name for name in names if DRIVERS.get(name, folder.name) != folder.name] == []


@each_member
def test_modules_are_private_and_small(folder: Path) -> None:
    """Every module but __init__ starts with an underscore and has at most 300 lines."""
    for path in sources(folder):
        if path.parent.name != "_traits":
            assert path.name == "__init__.py" or re.fullmatch(r"_[a-z][a-z_]*\.py", path.name)
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name


@each_member
def test_a_member_is_small(folder: Path) -> None:
    """At most 1,500 lines; median function 8 lines, nine in ten within 25 (a kit is tests)."""
    texts = [path.read_text(encoding="utf-8") for path in sources(folder)]
    sizes = sorted(
        (node.end_lineno or node.lineno) - code[0].lineno + 1
        for path in sources(folder)
        for node in functions(path)
        if (code := node.body[bool(ast.get_docstring(node)) :])
    )

    assert sum(len(text.splitlines()) for text in texts) <= 1500
    if sizes and not folder.name.endswith("-conformance"):
        assert statistics.median(sizes) <= 8
        assert sizes[int(len(sizes) * 0.9)] <= 25


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
def test_no_function_takes_a_message_first(folder: Path) -> None:
    """What asks a message a question is a trait of the message, in proto."""
    if folder.name == "proto":
        return
    for path in sources(folder):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        messages = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and "_pb2" in (node.module or "")
            for alias in node.names
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.args.args:
                first = node.args.args[0].annotation
                assert not (isinstance(first, ast.Name) and first.id in messages), node.name


@each_member
def test_sql_stands_alone(folder: Path) -> None:
    """One statement per file, and none in the code but pragmas and transaction control."""
    for path in (folder / "src").rglob("*.sql"):
        assert ";" not in path.read_text(encoding="utf-8").replace("changed'); END", "")
    for path in sources(folder):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\"(SELECT|INSERT|UPDATE|DELETE|CREATE) ", text), path.name


@each_member
def test_a_readme_is_short(folder: Path) -> None:
    """At most 30 lines, and it says how to run the tests."""
    text = (folder / "README.md").read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 30
    assert f"uv run pytest packages/{folder.name}" in text


@each_member
def test_tests_say_what_they_show(folder: Path) -> None:
    """Every test has a docstring of its own, and a test file has at most 300 lines."""
    for path in folder.glob("tests/test_*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name
        silent = [
            node.name
            for node in functions(path)
            if node.name.startswith("test_") and not ast.get_docstring(node)
        ]
        assert silent == []


@each_member
def test_every_exception_to_a_rule_has_a_reason(folder: Path) -> None:
    """A noqa names its code and says why."""
    for path in sources(folder):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "# noqa" in line:
                assert re.search(r"# noqa: [A-Z0-9, ]+ - \w", line), line
            if "type: ignore" in line:
                assert re.search(r"type: ignore\[[a-z-]+\]  # \w", line), line


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
    """The root pyproject has at most 160 lines, the noxfile 120."""
    for name, limit in (("pyproject.toml", 160), ("noxfile.py", 120)):
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
