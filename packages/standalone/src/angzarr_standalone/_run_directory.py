"""The private directory of a running project: sockets, pipes, lock, status."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from angzarr_defence import PRIVATE, directory_fault, parent_fault
from angzarr_settings import ProjectSettings, SettingsError
from angzarr_standalone._errors import RunningError
from angzarr_standalone._status import FILE, Status, read_status

LOCK = "lock"
LOCK_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
TRANSIENT = ("*.sock", "*.pipe", FILE)


def run_directory_of(project: ProjectSettings, environment: Mapping[str, str]) -> Path:
    """Return where a project runs: run_dir, else below XDG_RUNTIME_DIR, else a temporary place."""
    if project.run_dir:
        return Path(project.home) / project.run_dir
    name = hashlib.sha256(project.home.encode()).hexdigest()[:8]
    return _private_place(environment) / name


def running(environment: Mapping[str, str]) -> list[Status]:
    """Return the status of every project of this user that runs at its default place."""
    found = (read_status(path.parent) for path in _private_place(environment).glob(f"*/{FILE}"))
    return [status for status in found if status is not None and _lives(status.pid)]


def _private_place(environment: Mapping[str, str]) -> Path:
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "angzarr"
    temporary = environment.get("TMPDIR") or tempfile.gettempdir()
    return Path(temporary) / f"angzarr-{os.getuid()}"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class RunDirectory:
    """The directory while this process holds its lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def take(self) -> None:
        """Create the directory and its lock; remove what a killed run left behind.

        Raises:
            RunningError: another process holds the lock.
            SettingsError: somebody else could put something into the directory.
        """
        self.path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        fault = parent_fault(self.path.parent)
        if not fault:
            with suppress(FileExistsError):
                self.path.mkdir(mode=PRIVATE)
            fault = directory_fault(self.path)
        if fault:
            raise SettingsError(fault, "run_dir", "Set ANGZARR_RUN_DIR to a private directory.")
        self._lock = self._locked()
        self._clear()

    def release(self) -> None:
        """Leave nothing behind."""
        if self._lock is None:
            return
        self._clear()
        (self.path / LOCK).unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None
        with suppress(OSError):
            self.path.rmdir()

    def _locked(self) -> int:
        path = self.path / LOCK
        while True:
            lock = os.open(path, LOCK_FLAGS, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(lock, 32, 0).decode() or "?"
                os.close(lock)
                raise RunningError(str(self.path), holder) from None
            if path.exists() and os.fstat(lock).st_ino == path.stat().st_ino:
                os.ftruncate(lock, 0)
                os.pwrite(lock, str(os.getpid()).encode(), 0)
                return lock
            os.close(lock)

    def _clear(self) -> None:
        for pattern in TRANSIENT:
            for path in self.path.glob(pattern):
                path.unlink(missing_ok=True)
