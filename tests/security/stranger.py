"""Another user of this machine, without whom nothing of the suite can be shown.

As root a child takes uid 65534. Anybody else needs `newuidmap` (Debian: uidmap) and a range of
their own in /etc/subuid: the child then runs in a user namespace as the first uid of that range.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OTHER = 65534
NAMESPACE = ("unshare", "--user", "--map-root-user", "--map-auto")
NEEDED = "run as root, or install uidmap and give this user a range in /etc/subuid"
PYTHON = os.path.realpath(sys.executable)


def run(code: str, *arguments: object) -> str:
    """Run a program of a stranger; return what it printed."""
    argv = [PYTHON, "-ISc", code, *map(str, arguments)]
    if os.geteuid() == 0:
        return _output(["setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups", *argv])
    return _output([*NAMESPACE, "setpriv", "--reuid=1", "--regid=1", "--clear-groups", *argv])


def give(path: Path) -> None:
    """Make a file a stranger's."""
    if os.geteuid() == 0:
        os.chown(path, OTHER, OTHER, follow_symlinks=False)
    else:
        _output([*NAMESPACE, "chown", "--no-dereference", "1:1", str(path)])


def _output(argv: list[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            argv, capture_output=True, text=True, timeout=20, cwd="/", check=False
        )
    except FileNotFoundError:
        pytest.skip(f"no other user can be had here: {NEEDED}")
    if done.returncode and argv[0] == "unshare":
        pytest.skip(f"no other user can be had here: {NEEDED}\n{done.stderr}")
    return done.stdout.strip() or done.stderr.strip()
