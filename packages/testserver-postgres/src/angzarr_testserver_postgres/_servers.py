"""Fresh servers, as many as a test session asks for."""

import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from angzarr_testserver_postgres._account import Account
from angzarr_testserver_postgres._binaries import programs
from angzarr_testserver_postgres._server import PostgresServer, ServerError

OPEN_DIRECTORY = 0o711
MEMORY = Path("/dev/shm")  # noqa: S108 - where copies cost nothing; what a sync is worth, others show
ENOUGH_BYTES = 4 * 1024**3
MAKE_SECONDS = 120


class PostgresServers:
    """Starts servers and ends them; a context manager, whose end leaves no process and no file.

    A server is a copy of its version's template: a data directory that initdb made once.
    """

    def __init__(self) -> None:
        self._account = Account.of_servers()
        self._place = _directory(_memory())
        self._cache = _directory(None)  # from memory nothing may be executed
        self._password = secrets.token_urlsafe(24)
        self._started: list[PostgresServer] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what was started and forget what it stored."""
        for server in self._started:
            server.stop("immediate")
        shutil.rmtree(self._place)
        shutil.rmtree(self._cache)

    def start(self, version: int, settings: dict[str, str] | None = None) -> PostgresServer:
        """Return a running server with an empty database `postgres`.

        Raises:
            MissingBinariesError: there is no such version.
            ServerError: it does not start; the error ends with its log.
        """
        binaries = programs(version, self._account, self._cache)
        template = self._template(version, binaries)
        directory = self._place / f"server-{len(self._started)}"
        self._account.own(directory)
        self._run("cp", "-a", str(template), str(directory / "data"))
        server = PostgresServer(
            version=version,
            binaries=binaries,
            directory=directory,
            account=self._account,
            password=self._password,
            settings=dict(settings or {}),
        )
        self._started.append(server)
        server.start()
        return server

    def _template(self, version: int, binaries: Path) -> Path:
        home = self._place / f"template-{version}"
        if not home.exists():
            self._account.own(home)
            secret = home / "password"
            secret.write_text(self._password, encoding="utf-8")
            secret.chmod(0o644)  # within a directory that is the account's alone
            words = "--username=postgres --auth=scram-sha-256 --encoding=UTF8 --locale=C"
            few = "--wal-segsize=1 --data-checksums --no-sync --no-instructions"
            initdb = (str(binaries / "initdb"), f"--pgdata={home / 'data'}")
            self._run(*initdb, f"--pwfile={secret}", *words.split(), *few.split())
        return home / "data"

    def _run(self, *command: str) -> None:
        done = subprocess.run(  # noqa: S603 - programs of the wheel and cp
            self._account.command(*command),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAKE_SECONDS,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise ServerError(f"{command[0]} ended with {done.returncode}: {said}")


def _memory() -> Path | None:
    """Return where files are only in memory, if there is plenty of it."""
    is_enough = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES
    return MEMORY if is_enough else None


def _directory(parent: Path | None) -> Path:
    found = Path(tempfile.mkdtemp(prefix="angzarr-postgres-", dir=parent))
    found.chmod(OPEN_DIRECTORY)
    return found
