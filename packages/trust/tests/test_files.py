"""What a process shows is looked at before a peer would refuse it."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from angzarr_ports import System
from angzarr_settings import TlsSettings
from angzarr_store import RefusedError
from angzarr_trust import Identity, MutualTls, Plaintext, open_trust
from angzarr_trust._material import Files
from angzarr_trust._proof import proven

from .authority import DAY, NOW, Authority, Issued, write

NAME = "spiffe://angzarr/shop/order"
USEFUL = "give PEM files: the chain, its own key without a password, the authority"


def made(place: Path, issued: Issued, authority: Authority) -> TlsSettings:
    """Write the files and return where they are."""
    write(place, issued, authority.pem)
    return TlsSettings(
        certificate=f"{place}/tls.crt", key=f"{place}/tls.key", authority=f"{place}/ca.crt"
    )


@pytest.fixture
def good(run_directory: Path, authority: Authority) -> TlsSettings:
    """Return settings that nothing is wrong with."""
    return made(run_directory, authority.issue(NAME), authority)


async def refused(settings: TlsSettings, system: System) -> str:
    """Return why settings are refused."""
    with pytest.raises(RefusedError) as caught:
        await open_trust(settings, system)
    return str(caught.value)


async def test_a_good_certificate_is_taken(good: TlsSettings, system: System) -> None:
    """Three files of one process make a trust that asks for certificates."""
    assert isinstance(await open_trust(good, system), MutualTls)


ODD: dict[str, tuple[Callable[[Authority], Issued], str, str]] = {
    "expired": (
        lambda it: it.issue(NAME, until=NOW - DAY / 24),
        "tls.certificate",
        "refused by tls.authority: certificate has expired; renew it",
    ),
    "not yet valid": (
        lambda it: it.issue(NAME, since=NOW + DAY / 24),
        "tls.certificate",
        "refused by tls.authority: certificate is not yet valid; renew it",
    ),
    "of another authority": (
        lambda _: Authority("other").issue(NAME),
        "tls.certificate",
        "refused by tls.authority: unable to get local issuer certificate; renew it",
    ),
    "without a name": (
        lambda it: it.issue("order.example"),
        "tls.certificate",
        "without the one name spiffe://angzarr/<namespace>/<component>; add it",
    ),
    "with two names": (
        lambda it: it.issue(NAME, "spiffe://angzarr/shop/gateway"),
        "tls.certificate",
        "without the one name spiffe://angzarr/<namespace>/<component>; add it",
    ),
    "of a foreign domain": (
        lambda it: it.issue("spiffe://elsewhere/shop/order"),
        "tls.certificate",
        "without the one name spiffe://angzarr/<namespace>/<component>; add it",
    ),
    "with a foreign key": (
        lambda it: Issued(certificate=it.issue(NAME).certificate, key=it.issue(NAME).key),
        "tls.certificate",
        f"of no use: KEY_VALUES_MISMATCH; {USEFUL}",
    ),
    "no certificate": (
        lambda it: Issued(certificate=b"certainly", key=it.issue(NAME).key),
        "tls.certificate",
        f"of no use: no certificate; {USEFUL}",
    ),
}


@pytest.fixture(params=ODD)
def odd(
    request: pytest.FixtureRequest, run_directory: Path, authority: Authority
) -> tuple[TlsSettings, str]:
    """Return settings that something is wrong with, and the refusal."""
    issue, setting, text = ODD[request.param]
    settings = made(run_directory, issue(authority), authority)
    return settings, f"{setting} is {settings.certificate}, {text}"


async def test_what_peers_would_refuse_is_refused_at_once(
    odd: tuple[TlsSettings, str], system: System
) -> None:
    """The setting, the file and what to do are named."""
    settings, text = odd

    assert await refused(settings, system) == text


@pytest.fixture
def locked(run_directory: Path, authority: Authority) -> TlsSettings:
    """Return settings whose key has a password."""
    issued = authority.issue(NAME)
    lock = BestAvailableEncryption(b"word")
    key = load_pem_private_key(issued.key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, lock
    )
    return made(run_directory, Issued(certificate=issued.certificate, key=key), authority)


async def test_a_key_with_a_password_is_refused(locked: TlsSettings, system: System) -> None:
    """Nobody is asked for the password."""
    assert "its own key without a password" in await refused(locked, system)


@pytest.fixture
def shown(good: TlsSettings) -> TlsSettings:
    """Return settings whose key the group may read."""
    Path(good.key).chmod(stat.S_IRUSR | stat.S_IRGRP)
    return good


async def test_a_key_that_others_may_read_is_refused(shown: TlsSettings, system: System) -> None:
    """Its mode and the command that repairs it are named."""
    text = await refused(shown, system)

    assert text.startswith(f"tls.key is {shown.key}, of mode 440 of user ")
    assert text.endswith("; make it yours alone: chmod 600")


@pytest.mark.parametrize("key", ["certificate", "key", "authority"])
async def test_a_file_that_is_missing_is_named(key: str, good: TlsSettings, system: System) -> None:
    """Each of the three settings is told from the others."""
    values = {name: getattr(good, name) for name in ("certificate", "key", "authority")}
    settings = TlsSettings(**{**values, key: "/nowhere"})

    text = f"tls.{key} is /nowhere, No such file or directory; name a file of this user"
    assert await refused(settings, system) == text


async def test_files_of_two_generations_are_not_mixed(
    good: TlsSettings, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is replaced while it is read is not taken."""

    def replaced(*files: Path) -> dict[str, Any]:
        shown = proven(*files)
        write(Path(good.key).parent, authority.issue(NAME), authority.pem)
        return shown

    monkeypatch.setattr("angzarr_trust._material.proven", replaced)

    with pytest.raises(RefusedError, match="being replaced; wait"):
        await asyncio.to_thread(Files(good).read)


async def test_half_of_the_settings_is_refused(system: System) -> None:
    """A certificate without key or authority is a mistake, not a wish for less."""
    text = await refused(TlsSettings(key="a", authority="b"), system)

    assert text == "tls.certificate is empty; set it as well as tls.key"


async def test_insecure_beside_a_certificate_is_refused(system: System) -> None:
    """Whoever wants both has to say which."""
    text = await refused(TlsSettings(certificate="a", insecure=True), system)

    assert text == "tls.insecure is true beside tls.certificate; set one of them"


async def test_without_certificates_only_this_machine_is_trusted(system: System) -> None:
    """Neither a listener nor a channel beyond it comes about by forgetting a setting."""
    trust = await open_trust(TlsSettings(), system)

    for local in ("unix:/a", "127.0.0.1:1", "[::1]:1", "localhost:1"):
        assert trust.server_credentials(local) is trust.channel_credentials(local) is None
    for far in ("0.0.0.0:1", "[::]:1", "10.0.0.1:1", "order.example:1", "127.0.0.1.example:1"):
        with pytest.raises(RefusedError, match=r"^listen is .* without TLS; set tls\.certificate"):
            trust.server_credentials(far)
        with pytest.raises(RefusedError, match="beyond this machine without TLS"):
            trust.channel_credentials(far)


async def test_insecure_is_said_aloud(system: System, caplog: pytest.LogCaptureFixture) -> None:
    """Who wants the clear everywhere gets it, and a warning."""
    trust = await open_trust(TlsSettings(insecure=True), system)

    assert isinstance(trust, Plaintext)
    assert trust.server_credentials("10.0.0.1:1") is None
    assert [it.getMessage() for it in caplog.records] == ["tls.insecure"]


@pytest.mark.parametrize(
    ("uris", "identity"),
    [
        (["spiffe://angzarr/shop/order"], Identity("shop", "order")),
        (["spiffe://angzarr/shop/order-2.b_c"], Identity("shop", "order-2.b_c")),
        ([], None),
        (["spiffe://angzarr/shop"], None),
        (["spiffe://angzarr/shop/"], None),
        (["spiffe://angzarr//order"], None),
        (["spiffe://angzarr/shop/order/2"], None),
        (["spiffe://angzarr/shop/order?a"], None),
        (["spiffe://angzarr/shop/order\n"], None),
        (["spiffe://angzarr/shop/../order"], None),
        (["spiffe://angzarrr/shop/order"], None),
        (["https://angzarr/shop/order"], None),
    ],
)
def test_a_name_is_read_to_the_letter(uris: list[str], identity: Identity | None) -> None:
    """What is not exactly a namespace and a component names nobody."""
    assert Identity.of(uris) == identity
