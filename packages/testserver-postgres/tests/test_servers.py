"""Servers start fresh, end in every way, and keep what they stored."""

import asyncio
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from angzarr_testserver_postgres import (
    VERSIONS,
    MissingBinariesError,
    PostgresServer,
    PostgresServers,
    ServerError,
    _servers,
)
from angzarr_testserver_postgres._account import Account
from angzarr_testserver_postgres._binaries import programs

STARTER = """
import sys
from angzarr_testserver_postgres import PostgresServers
servers = PostgresServers()
print(servers.start(18).pid, servers._place, servers._cache, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest, postgres_servers: PostgresServers) -> PostgresServer:
    """Return a fresh server of each version."""
    return postgres_servers.start(request.param)


def accepts(server: PostgresServer) -> bool:
    """Say whether somebody listens where the server is."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) == 0


def output(*command: str, seconds: float = 20) -> str:
    """Return what a command prints."""
    done = subprocess.run(  # noqa: S603 - programs of the wheel
        command, check=True, capture_output=True, timeout=seconds, cwd="/"
    )
    return done.stdout.decode().strip()


def ask(server: PostgresServer, statement: str, seconds: float = 20) -> str:
    """Return what psql prints."""
    command = (str(server.binaries / "psql"), server.url(), "-XAtc", statement)
    return output(*command, seconds=seconds)


def test_a_server_is_of_its_version_and_syncs(server: PostgresServer) -> None:
    """Every commit is on the disk, pages have checksums, and no other user can read its files."""
    told = ask(server, "SELECT current_setting('server_version_num')::int / 10000")

    assert told == str(server.version)
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert ask(server, f"SHOW {setting}") == "on"
    assert server.data.stat().st_mode & 0o077 == 0


def test_servers_are_apart(postgres_servers: PostgresServers, server: PostgresServer) -> None:
    """Each has its own port and its own data; settings reach the one that they are given to."""
    other = postgres_servers.start(server.version, {"fsync": "off"})
    ask(server, "CREATE TABLE mine (it int)")

    assert other.port != server.port
    assert ask(other, "SELECT to_regclass('mine') IS NULL") == "t"
    assert (ask(server, "SHOW fsync"), ask(other, "SHOW fsync")) == ("on", "off")
    other.stop()


@pytest.mark.parametrize("how", ["smart", "fast", "immediate", "killed"])
def test_a_server_comes_back_with_what_it_stored(server: PostgresServer, how: str) -> None:
    """On the same port, however it ended; stopping it twice is stopping it once."""
    ask(server, "CREATE TABLE kept AS SELECT 7 AS it")
    port = server.port

    server.stop(how)
    server.stop(how)
    gone = not accepts(server)
    server.start()

    assert gone
    assert server.port == port
    assert ask(server, "SELECT it FROM kept") == "7"
    server.stop()


def test_a_paused_server_says_nothing_and_goes_on(server: PostgresServer) -> None:
    """It answers when it is let go on."""
    server.pause()
    with pytest.raises(subprocess.TimeoutExpired):
        ask(server, "SELECT 1", seconds=0.5)
    server.resume()

    assert ask(server, "SELECT 1") == "1"
    server.stop()


def test_a_server_that_cannot_start_says_why(postgres_servers: PostgresServers) -> None:
    """The error ends with its log."""
    with pytest.raises(ServerError, match="no_such_setting"):
        postgres_servers.start(18, {"no_such_setting": "1"})


def test_an_unknown_version_is_refused(postgres_servers: PostgresServers) -> None:
    """The error says which there are."""
    with pytest.raises(MissingBinariesError, match=r"Postgres 9 .*\(16, 18\)"):
        postgres_servers.start(9)


def test_nothing_is_left() -> None:
    """At the end there is no process and no file."""
    with PostgresServers() as servers:
        server = servers.start(18)
        place = server.directory.parent
        pid = server.pid

    assert not place.exists()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("parent", ["/dev/shm", ""])  # noqa: S108 - where the servers may be
def test_servers_are_in_memory_where_there_is_plenty(
    monkeypatch: pytest.MonkeyPatch, parent: str
) -> None:
    """Else among the temporary files; both are removed."""
    monkeypatch.setattr(_servers, "ENOUGH_BYTES", 0 if parent else 2**60)

    with PostgresServers() as servers:
        place, cache = servers._place, servers._cache  # noqa: SLF001

    assert str(place.parent) == (parent or tempfile.gettempdir())
    assert [it.exists() for it in (place, cache)] == [False, False]


async def test_a_server_ends_with_its_starter() -> None:
    """Also if that is killed."""
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTER, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    pid, *places = (await starter.stdout.readline()).decode().split()
    end = os.pidfd_open(int(pid))
    starter.kill()
    await starter.wait()

    assert (await asyncio.to_thread(select.select, [end], [], [], 20))[0] == [end]
    os.close(end)
    for place in places:
        await asyncio.to_thread(shutil.rmtree, place)


def test_a_private_environment_is_copied(tmp_path: Path) -> None:
    """An account that cannot reach the programs gets its own, once."""
    stranger = Account(uid=os.geteuid() + 1, gid=os.getegid())
    honest = programs(18, Account.of_servers(), tmp_path)
    blind = type("Blind", (Account,), {"reaches": lambda *_: False})(uid=1, gid=1)

    copied = programs(18, blind, tmp_path)
    again = programs(18, blind, tmp_path)

    assert copied == again
    assert copied.is_relative_to(tmp_path)
    assert not honest.is_relative_to(tmp_path)
    assert output(str(copied / "postgres"), "-V").startswith("postgres (PostgreSQL) 18.")
    tmp_path.chmod(0o700)
    assert not stranger.reaches(tmp_path)
