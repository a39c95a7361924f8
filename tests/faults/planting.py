"""Runs a console script of ours with a bug of the registry in it, and in its children.

Usage: planting.py NUMBER PROGRAM [FLAG…].
"""

import importlib
import os
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "PLANTED"


def program(name: str) -> tuple[str, ...]:
    """Return how a console script is started, with the bug that this run is to catch."""
    number = os.environ.get(VARIABLE, "-")
    if number == "-":
        return (str(Path(sys.executable).with_name(name)),)
    return planted(number, name)


def planted(number: str, name: str) -> tuple[str, ...]:
    """Return how a console script is started with a bug in it."""
    return (sys.executable, str(Path(__file__).resolve()), number, name)


def main(number: str, name: str, flags: list[str]) -> None:
    """Plant the bug, then run the console script."""
    sys.path[0] = str(ROOT)
    sys.argv = [name, *flags]
    importlib.import_module(f"tests.faults.planted.{number.lower()}").plant()
    if name == "angzarr":
        plan: Any = importlib.import_module("angzarr_plan._plan")
        plan._found = _finding(number, plan._found)  # noqa: SLF001 - the seam of this harness
    (entry,) = entry_points(group="console_scripts", name=name)
    entry.load()()


def _finding(number: str, found: Callable[..., Any]) -> Callable[..., Any]:
    """Return what starts the coordinators of a project with the bug as well."""

    def find(argv: tuple[str, ...]) -> tuple[str, ...]:
        if argv[0].startswith("angzarr-"):
            return (*planted(number, argv[0]), *argv[1:])
        return tuple(found(argv))

    return find


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
