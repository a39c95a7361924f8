"""What the tables of tests need."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def names_below() -> Callable[[str], frozenset[str]]:
    """Return what names the functions in a file, or in the files below a directory."""

    @cache
    def below(place: str) -> frozenset[str]:
        path = ROOT / place
        return frozenset(
            node.name
            for file in ([path] if path.is_file() else path.rglob("*.py"))
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )

    return below
