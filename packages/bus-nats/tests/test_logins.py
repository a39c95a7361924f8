"""Who may connect, and what a login may do there (security.md §3 C12, §6, §8)."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from angzarr_bus import BusRefusedError
from angzarr_bus_conformance import delivered, frame
from angzarr_testserver_nats import NatsServer

from .conftest import Open
from .waiting import happened, until_delivered

CONFIGURATION = """
authorization { users: [
  { user: order, password: of-order, permissions: {
      publish: ["angzarr.order.>", "$JS.API.STREAM.CREATE.angzarr-order",
                "$JS.API.STREAM.UPDATE.angzarr-order", "$JS.API.STREAM.INFO.angzarr-order"],
      subscribe: ["_INBOX.order.>"] } },
  { user: saga, password: of-saga, permissions: {
      publish: ["$JS.API.STREAM.INFO.angzarr-order",
                "$JS.API.CONSUMER.CREATE.angzarr-order.saga-order",
                "$JS.API.CONSUMER.CREATE.angzarr-order.saga-order.>",
                "$JS.API.CONSUMER.DURABLE.CREATE.angzarr-order.saga-order",
                "$JS.API.CONSUMER.INFO.angzarr-order.saga-order",
                "$JS.API.CONSUMER.MSG.NEXT.angzarr-order.saga-order",
                "$JS.ACK.angzarr-order.saga-order.>"],
      subscribe: ["_INBOX.saga.>"] } },
] }
"""
LOGIN = """
authorization { users: [ { user: me, password: %s, permissions: {
  publish: { deny: ["$JS.API.STREAM.DELETE.>"] } } } ] }
"""

Make = Callable[..., NatsServer]
Credentials = Callable[[str], Awaitable[Path]]


@pytest.fixture
def guarded(make_nats_server: Make) -> NatsServer:
    """A server whose logins have the rights of security.md §6 and no others."""
    return make_nats_server(CONFIGURATION)


async def test_the_least_rights_are_enough(
    guarded: NatsServer, open_bus: Open, credentials: Credentials
) -> None:
    """A domain's login publishes, a subscriber's receives, and the server denies them nothing."""
    publisher = await open_bus(guarded.url, await credentials("order:of-order"))
    other = await open_bus(guarded.url, await credentials("saga:of-saga"))
    inbox = await other.subscribe("order", "saga", limit_frames=64)
    for position in range(1, 20):
        await until_delivered(publisher, inbox, frame(position))

    log = await asyncio.to_thread(lambda: guarded.log)
    denied = {line.partition("Subject ")[2] for line in log.splitlines() if "iolation" in line}
    assert denied == {'"$JS.API.STREAM.DELETE.angzarr-="'}, "each connection asks for this one"


async def test_a_login_that_may_delete_streams_is_refused(
    make_nats_server: Make, open_bus: Open, credentials: Credentials
) -> None:
    """Whoever has a login needs the rights of a component and no others."""
    server = await asyncio.to_thread(make_nats_server, "", "--user", "me", "--pass", "mine")

    with pytest.raises(BusRefusedError, match=r"^bus\.credentials is 'me', who may delete"):
        await open_bus(server.url, await credentials("me:mine"))


async def test_a_login_publishes_into_no_foreign_stream(
    guarded: NatsServer, open_bus: Open, credentials: Credentials
) -> None:
    """What a subscriber publishes into the domain that it reads is denied, and it lives on."""
    publisher = await open_bus(guarded.url, await credentials("order:of-order"))
    forger = await open_bus(guarded.url, await credentials("saga:of-saga"))
    inbox = await forger.subscribe("order", "saga", limit_frames=64)
    await delivered(publisher, inbox, frame(1))
    forger.publish(frame(100))
    denied = re.compile(r'Publish Violation.*"(\$JS\.API\.STREAM\.CREATE|angzarr)\.')

    async def is_denied() -> bool:
        return denied.search(await asyncio.to_thread(lambda: guarded.log)) is not None

    await happened(is_denied)
    found = [await until_delivered(publisher, inbox, frame(position)) for position in range(2, 9)]
    assert [it.position for it in found] == [*range(2, 9)]


@pytest.mark.parametrize("login", ["order:wrong", "nobody:of-order", ""])
async def test_a_refused_login_names_the_setting(
    guarded: NatsServer, open_bus: Open, credentials: Credentials, login: str
) -> None:
    """A wrong or missing login ends the start with the setting, who it was, and the fix."""
    file = await credentials(login) if login else ""

    with pytest.raises(BusRefusedError, match=r"^bus\.credentials is .* for nats://") as refused:
        await open_bus(guarded.url, file)

    assert "wrong" not in str(refused.value)
    assert refused.value.setting == "bus.credentials"


async def test_a_login_that_is_withdrawn_is_tried_again(
    make_nats_server: Make, open_bus: Open, credentials: Credentials
) -> None:
    """The file is read at each connection: once it holds the new password, frames arrive."""
    server = await asyncio.to_thread(make_nats_server, LOGIN % "first")
    file = await credentials("me:first")
    bus = await open_bus(server.url, file)
    inbox = await bus.subscribe("order", "saga", limit_frames=64)
    await delivered(bus, inbox, frame(1))
    await asyncio.to_thread(server.kill)
    server.configuration = LOGIN % "second"
    await asyncio.to_thread(server.start)

    async def is_refused() -> bool:
        return "authentication error" in await asyncio.to_thread(lambda: server.log)

    await happened(is_refused)
    await asyncio.to_thread(file.write_text, "me:second\n")

    assert await until_delivered(bus, inbox, frame(2))


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (None, 0o600, "No such file"),
        ("order:of-order", 0o640, "mode 640"),
        ("order", 0o600, "no login"),
        ("order:", 0o600, "no login"),
        ("or*der:of-order", 0o600, "no login"),
        ("ord.er:of-order", 0o600, "no login"),
    ],
)
async def test_a_file_of_a_login_is_private_and_whole(
    nats_server: NatsServer, open_bus: Open, tmp_path: Path, text: str | None, mode: int, why: str
) -> None:
    """Else nothing is sent to any server."""
    file = tmp_path / "login"
    if text is not None:
        await asyncio.to_thread(lambda: (file.write_text(text), file.chmod(mode)))

    with pytest.raises(BusRefusedError, match=rf"^bus\.credentials is .*{why}"):
        await open_bus(nats_server.url, file)


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("", "use nats://HOST:PORT"),
        ("localhost:4222", "use nats://HOST:PORT"),
        ("http://localhost", "use nats://HOST:PORT"),
        ("nats://localhost:x", "use nats://HOST:PORT"),
        ("nats://localhost/path", "use nats://HOST:PORT"),
        ("nats://10.0.0.1", "use tls://"),
        ("nats://nats.example", "use tls://"),
        ("nats://127.0.0.1,nats://10.0.0.1", "use tls://"),
        ("nats://me:hidden@localhost", "name the login's file: bus.credentials"),
        ("nats://hidden@localhost", "name the login's file: bus.credentials"),
        ("nats://me:hidden@localhost:x", "use nats://HOST:PORT"),
    ],
)
async def test_an_unsafe_or_unclear_place_is_refused(open_bus: Open, url: str, fix: str) -> None:
    """The error names the setting and the fix, and never what may be a password."""
    with pytest.raises(BusRefusedError, match=rf"^bus\.url is .*; {re.escape(fix)}") as refused:
        await open_bus(url)

    assert "hidden" not in str(refused.value)


async def test_a_subscriber_without_rights_is_told(
    guarded: NatsServer, open_bus: Open, credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    """It gets no frames, its inbox can be had all the same, and the log says so once."""

    def said() -> list[str]:
        return [it.getMessage() for it in caplog.records if it.getMessage() == "bus.no_consumer"]

    async def is_said() -> bool:
        return bool(said())

    bus = await open_bus(guarded.url, await credentials("order:of-order"))
    inbox = await bus.subscribe("order", "saga", limit_frames=64)

    await happened(is_said)
    await inbox.aclose()

    assert len(said()) == 1
