"""T11: what must not leave: secrets, texts of exceptions, rights of the supervisor."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from angzarr.types_pb2 import AggregateRoot, EventBook, Query
from angzarr_service import Call
from angzarr_settings import SettingsError, load

from . import stranger
from .application import CANARY, ROOT, Application, open_files, status_field
from .conftest import refusal

pytestmark = pytest.mark.timeout(120)

HARDENING = ROOT / "packages/defence/src/angzarr_defence/_hardening.py"
GIVEN = ("ANGZARR_", "OTEL_", "PYTHON", "SUPERVISED_BY", "LC_CTYPE")
TOLD = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "TRANSPORT_TYPE", "UDS_BASE_PATH", "SERVICE_NAME"}
NAMED = {"DOMAIN", "SAGA_NAME", "PROJECTOR_NAME", "DATABASE_URL", "PORT"}


@pytest.mark.parametrize("stream", [False, True])
async def test_the_text_of_an_exception_stays_here(
    serve: Any, caplog: pytest.LogCaptureFixture, *, stream: bool
) -> None:
    """The caller gets a number, the log gets both."""

    async def fail(_: Query) -> EventBook:
        raise RuntimeError(CANARY)

    async def fail_late(_: Call) -> AsyncIterator[AggregateRoot]:
        yield AggregateRoot()
        raise RuntimeError(CANARY)

    async with serve() as world:
        world.queries.act, world.queries.roots = fail, fail_late
        call = world.roots() if stream else world.ask()
        if stream:
            await call.read()
        code, text, reason = await refusal(call.read() if stream else call)

        incident = text.removeprefix("Internal error (incident ").removesuffix(")")
        assert (code, reason, len(incident)) == ("INTERNAL", "INTERNAL", 8)
        assert [vars(it)["incident"] for it in caplog.records] == [incident]
        assert CANARY in caplog.text
        assert CANARY not in str(await call.trailing_metadata())


async def test_nothing_introspects_unless_it_is_asked_for(serve: Any) -> None:
    """No reflection, no channelz, no admin service."""
    async with serve() as world:
        for service in (
            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "grpc.channelz.v1.Channelz/GetServers",
            "envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus",
        ):
            call = world.channel.unary_unary(f"/{service}")(b"", timeout=15)
            assert (await refusal(call))[0] == "UNIMPLEMENTED"


def test_no_process_has_more_than_it_needs(shop: Application) -> None:
    """Own group, no core, no new rights, no file for others, nothing of the supervisor's open."""
    for name, pid in shop.pids().items():
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
        core = next(it for it in limits if it.startswith("Max core")).split()[4:6]

        assert os.getpgid(pid) == os.getsid(pid) == pid, name
        assert core == ["0", "0"], name
        assert status_field(pid, "NoNewPrivs") == "1", name
        assert status_field(pid, "Umask") == "0077", name
        assert str(shop.run / "lock") not in open_files(pid), name


def test_no_process_knows_the_supervisors_environment(shop: Application) -> None:
    """Only what it was told."""
    for name, pid in shop.pids().items():
        pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        names = {it.partition(b"=")[0].decode() for it in pairs if it}
        strange = {it for it in names if not it.startswith(GIVEN)} - TOLD - NAMED

        assert strange == set(), name


def test_a_secret_of_the_shell_is_nowhere(shop: Application) -> None:
    """Not on a command line, in a log, a status, or what the supervisor prints."""
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    files = [it for it in shop.directory.rglob("*") if it.is_file()]

    assert [it for it in lines if CANARY.encode() in it] == []
    assert [it for it in files if CANARY.encode() in it.read_bytes()] == []


def test_a_process_of_ours_cannot_be_looked_into() -> None:
    """Not even by its own user: the kernel gives its files in /proc to root."""
    code = HARDENING.read_text(encoding="utf-8") + (
        "\nnames = ('environ', 'mem')\n"
        "owners = lambda: [os.stat(f'/proc/self/{it}').st_uid for it in names]\n"
        "before = owners()\nharden()\nprint(before == [os.getuid()] * 2, before != owners())\n"
    )

    assert stranger.run(code) == "True True"


def test_a_value_from_a_file_is_not_told(tmp_path: Path) -> None:
    """An error names the key and the variable, never the value."""
    file = tmp_path / "secret"
    file.write_text(f"{CANARY}\n")
    file.chmod(0o600)

    assert load([], {"ANGZARR_STORE__URL_FILE": str(file)}).store.url == CANARY
    with pytest.raises(SettingsError) as caught:
        load([], {"ANGZARR_DELIVERY__ATTEMPTS_FILE": str(file)})
    assert CANARY not in str(caught.value)
    assert "delivery.attempts is ***" in str(caught.value)
