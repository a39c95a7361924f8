"""Who may call a server beyond its machine, and whom a channel calls there."""

import asyncio
import socket
import ssl
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import grpc
import pytest
from typing_extensions import override

from angzarr_access import open_access
from angzarr_ports import SystemClock
from angzarr_service import CallError, Channels
from angzarr_settings import TlsSettings
from angzarr_store import RefusedError
from angzarr_trust import Plaintext, open_trust

from .authority import DAY, NOW, Authority, Issued
from .conftest import Looks, World, ask, asked

PATH = "/angzarr.EventQuery/GetEventBook"
UNAUTHENTICATED, UNAVAILABLE = 16, 14


async def outcome(channel: grpc.aio.Channel) -> str:
    """Return the code that a foreign client's call ends with."""
    ways: Any = channel.unary_unary(PATH)
    try:
        await ways(b"", timeout=9)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    finally:
        await channel.close()
    return "OK"


def foreign(address: str, issued: Issued | None, authority: Authority) -> grpc.aio.Channel:
    """Return the channel of a client that is not ours, and minds nothing."""
    shown = (issued.key, issued.certificate) if issued else ()
    return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(authority.pem, *shown))


async def test_both_ends_know_each_other(world: World) -> None:
    """A component is called by its name, and answers."""
    async with world.served(await world.trust("order")) as address:
        await ask(address, await world.trust("gateway"))

    assert [it.identity for it in world.queries.calls] == ["gateway"]


STRANGERS: dict[str, tuple[Callable[[World], Issued | None], str]] = {
    "no certificate": (lambda _: None, "UNAVAILABLE"),
    "another authority": (lambda it: Authority("x").issue(*it.names("gateway")), "UNAVAILABLE"),
    "the name of the authority": (lambda it: Authority().issue(*it.names("a")), "UNAVAILABLE"),
    "expired": (
        lambda it: it.authority.issue(*it.names("gateway"), until=NOW - DAY / 24),
        "UNAVAILABLE",
    ),
    "not yet valid": (
        lambda it: it.authority.issue(*it.names("gateway"), since=NOW + DAY / 24),
        "UNAVAILABLE",
    ),
    "another namespace": (
        lambda it: it.authority.issue(*it.names("gateway", "bank")),
        "UNAUTHENTICATED",
    ),
    "no name": (lambda it: it.authority.issue(it.host), "UNAUTHENTICATED"),
    "no names at all": (lambda it: it.authority.issue(), "UNAUTHENTICATED"),
    "two names": (
        lambda it: it.authority.issue(*it.names("gateway"), *it.names("order")),
        "UNAUTHENTICATED",
    ),
    "a name of DNS": (
        lambda it: it.authority.issue("DNS:spiffe://angzarr/shop/gateway"),
        "UNAUTHENTICATED",
    ),
}


@pytest.mark.parametrize("who", STRANGERS)
async def test_a_stranger_is_refused(who: str, world: World) -> None:
    """What a caller shows has to come from the authority, be good today and name a component."""
    shown, code = STRANGERS[who]
    async with world.served(await world.trust("order")) as address:
        found = await outcome(foreign(address, shown(world), world.authority))

    assert found == code
    assert world.queries.calls == []


async def test_plaintext_is_refused(world: World) -> None:
    """Bytes in the clear are no handshake."""
    async with world.served(await world.trust("order")) as address:
        found = await outcome(grpc.aio.insecure_channel(address))
        with pytest.raises(CallError) as ours:
            await ask(address, Plaintext(is_insecure=True))

    assert (found, ours.value.status.code) == ("UNAVAILABLE", UNAVAILABLE)
    assert world.queries.calls == []


def _handshake(address: str, version: ssl.TLSVersion, files: TlsSettings) -> str:
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the version is old, that is the point
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(files.certificate, files.key)
        context.minimum_version = context.maximum_version = version
    with socket.create_connection((host, int(port)), timeout=9) as plain:
        try:
            with context.wrap_socket(plain) as wrapped:
                return str(wrapped.version())
        except (ssl.SSLError, ConnectionError):
            return "refused"


async def test_old_versions_are_refused(world: World) -> None:
    """TLS 1.2 is the oldest that is spoken."""
    versions = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    files = await world.settings("gateway")
    async with world.served(await world.trust("order")) as address:
        found = [await asyncio.to_thread(_handshake, address, it, files) for it in versions]

    assert found == ["refused", "TLSv1.2", "TLSv1.3"]


SERVERS: dict[str, Callable[[World], tuple[Issued, Authority]]] = {
    "another authority": lambda it: ((x := Authority("x")).issue(*it.names("order")), x),
    "another host": lambda it: (
        it.authority.issue("spiffe://angzarr/shop/order", "192.0.2.77"),
        it.authority,
    ),
    "no host": lambda it: (it.authority.issue("spiffe://angzarr/shop/order"), it.authority),
}


@pytest.mark.parametrize("who", SERVERS)
async def test_a_false_server_is_sent_nothing(who: str, world: World) -> None:
    """The certificate of a server comes from the authority and names the host of its address."""
    issued, believed = SERVERS[who](world)
    settings = await world.settings("order", issued, believed)
    async with world.served(await open_trust(settings, world.system)) as address:
        with pytest.raises(CallError) as caught:
            await ask(address, await world.trust("gateway"))

    assert (caught.value.status.code, caught.value.reached) == (UNAVAILABLE, False)
    assert world.queries.calls == []


async def test_a_stranger_is_told_why(world: World) -> None:
    """The answer to a certificate of another namespace has its reason."""
    other = world.authority.issue(*world.names("gateway", "bank"))
    trust = await open_trust(await world.settings("bank", other), world.system)
    async with world.served(await world.trust("order")) as address:
        with pytest.raises(CallError) as caught:
            await ask(address, trust)

    assert caught.value.status.code == UNAUTHENTICATED
    assert caught.value.status.message == "The certificate names no component of this namespace"
    assert caught.value.peer_reason == "UNAUTHENTICATED"
    assert caught.value.peer_metadata == {"outcome": "not_applied"}


async def test_a_listener_beyond_the_machine_needs_certificates(world: World) -> None:
    """Without them a server does not begin to listen; `tls.insecure` is the only way."""
    with pytest.raises(RefusedError) as caught:
        async with world.served(None):
            pass
    async with world.served(Plaintext(is_insecure=True)) as address:
        await ask(address, Plaintext(is_insecure=True))

    fix = "set tls.certificate, tls.key and tls.authority, or use 127.0.0.1 or [::1]"
    where = f"{world.host}:0, beyond this machine without TLS"
    assert str(caught.value) == f"listen is {where}; {fix}"


@pytest.mark.usefixtures("world")
async def test_a_channel_beyond_the_machine_needs_certificates() -> None:
    """Without them nothing is sent, and the caller learns which settings are missing."""
    with pytest.raises(CallError) as caught:
        await ask("192.0.2.77:9", None)

    text = "Beyond this machine TLS is needed; set tls.certificate, tls.key and tls.authority"
    assert (caught.value.status.message, caught.value.reached) == (text, False)


async def test_a_listener_beyond_the_machine_needs_rules(world: World) -> None:
    """A certificate alone is no right: without the file of the rules a server does not listen."""
    world.access = None
    with pytest.raises(RefusedError) as caught:
        async with world.served(await world.trust("order")):
            pass

    assert str(caught.value) == "access is empty; name the file that says who may call what"


async def test_who_is_removed_from_the_rules_is_refused(world: World) -> None:
    """The connection of an identity is good for nothing once no rule names it."""
    file = world.place / "access.yaml"
    rule = "access: [{{identity: {}, domains: ['*'], classes: [read]}}]"
    await asyncio.to_thread(file.write_text, rule.format("gateway"), encoding="utf-8")
    await asyncio.to_thread(file.chmod, 0o600)
    clock = Looks()
    world.access = await open_access(str(file), replace(world.system, clock=clock))
    channels = Channels(trust=await world.trust("gateway"))
    async with world.served(await world.trust("order")) as address:
        await asked(channels, address)
        await asyncio.to_thread(file.write_text, rule.format("other"), encoding="utf-8")
        await clock.look()
        with pytest.raises(CallError) as caught:
            await asked(channels, address)
        await channels.aclose()

    text = "gateway has no right to this: class read on every domain"
    assert (caught.value.status.message, caught.value.peer_reason) == (text, "PERMISSION_DENIED")
    assert len(world.queries.calls) == 1


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0", "unix:{}/s.sock"])
async def test_this_machine_stays_in_the_clear(address: str, world: World) -> None:
    """Where the kernel says who calls, certificates change nothing."""
    async with world.served(await world.trust("order"), address.format(world.place)) as bound:
        await ask(bound, None)
        await ask(bound, await world.trust("gateway"))

    assert [it.identity for it in world.queries.calls] == ["", ""]


async def test_loopback_can_be_asked_for_certificates(world: World) -> None:
    """With `tls.loopback` a port of this machine is as any other; a socket is not."""
    named = world.authority.issue("spiffe://angzarr/shop/order", "127.0.0.1")
    plain = await world.settings("order", named)
    files = {key: getattr(plain, key) for key in ("certificate", "key", "authority")}
    trust = await open_trust(TlsSettings(**files, loopback=True), world.system)
    async with world.served(trust, "127.0.0.1:0") as bound:
        await ask(bound, trust)
        with pytest.raises(CallError):
            await ask(bound, None)
    async with world.served(trust, f"unix:{world.place}/s.sock") as bound:
        await ask(bound, trust)

    assert [it.identity for it in world.queries.calls] == ["order", ""]


class Stopped(SystemClock):
    """A clock by which no time passes."""

    @override
    def monotonic(self) -> float:
        return 1.0


async def test_a_component_has_one_share_however_it_connects(world: World) -> None:
    """The calls of one identity over many connections count together, another's are its own."""
    flood, other = await world.trust("flood"), await world.trust("other")
    world.system = replace(world.system, clock=Stopped())
    async with world.served(await world.trust("order"), calls_per_second=2) as address:
        found = [await reason_of(ask(address, flood)) for _ in range(4)]
        calm = await reason_of(ask(address, other))

    assert found == ["", "", "OVERLOADED", "OVERLOADED"]
    assert calm == ""


async def reason_of(call: Awaitable[object]) -> str:
    """Return the reason of a refusal, empty without one."""
    try:
        await call
    except CallError as error:
        return error.peer_reason
    return ""
