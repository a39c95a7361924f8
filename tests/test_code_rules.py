"""Rules of every line that hold for every member."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
DRIVERS = {
    "sqlite3": "store-sqlite",
    "aiosqlite": "store-sqlite",
    "asyncpg": "store-postgres",
    "nats": "bus-nats",
}

each_member = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def sources(folder: Path) -> Iterator[Path]:
    """Yield the hand-written modules of a member."""
    for path in sorted((folder / "src").rglob("*.py")):
        if "_pb2" not in path.name and path.name != "rpc.py":
            yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


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
def test_the_event_of_a_log_line_is_a_constant(folder: Path) -> None:
    """A line is found by its name, so the name stands once, in the module that writes it."""
    for path in sources(folder):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"_LOG\.(debug|info|warning|error)\(f?\"", text), path.name
        assert not re.search(r"getLogger\([^)]*\)\.\w", text), path.name


@each_member
def test_every_module_says_one_thing(folder: Path) -> None:
    """It begins with a docstring."""
    silent = [
        path.name
        for path in sources(folder)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


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
