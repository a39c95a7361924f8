"""Certificates are replaced while a process runs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from angzarr_ports import Trust
from angzarr_service import CallError, Channels
from angzarr_trust import open_trust

from .authority import DAY, NOW, Authority, write
from .conftest import World, ask, asked

CALLERS, ROUNDS = 8, 5
EXPIRY = "angzarr_certificate_expiry_seconds"


@pytest.fixture
async def gateway(world: World) -> Trust:
    """Return a caller whose certificate stays."""
    return await open_trust(await world.settings("gateway"), world.system)


async def renew(world: World, authority: bytes = b"") -> None:
    """Give the order service a new certificate, and wait until it has looked."""
    issued = world.authority.issue(*world.names("order"))
    directory = world.place / "order"
    await asyncio.to_thread(write, directory, issued, authority or world.authority.pem)
    await world.clock.look()


class Answers:
    """How many calls were answered, and how many callers came to their end."""

    def __init__(self) -> None:
        self.count = self.ended = 0
        self._more = asyncio.Condition()

    async def add(self) -> None:
        """Count one more."""
        async with self._more:
            self.count += 1
            self._more.notify_all()

    async def several_more(self) -> None:
        """Return when each caller can have been answered once more."""
        until = self.count + CALLERS
        async with asyncio.timeout(9), self._more:
            await self._more.wait_for(lambda: self.count >= until)


@asynccontextmanager
async def calling(channels: Channels, address: str) -> AsyncIterator[Answers]:
    """Call without a pause from many sides while the body runs; yield how many were answered."""
    answers, stop = Answers(), asyncio.Event()

    async def caller() -> None:
        while not stop.is_set():
            await asked(channels, address)
            await answers.add()
        answers.ended += 1

    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(caller())
        yield answers
        stop.set()


async def test_renewing_drops_no_call(world: World, gateway: Trust) -> None:
    """While calls are in flight both ends take new files again and again.

    A call that failed would end the callers and the test, one that was cancelled its caller.
    """
    both = await world.trust("order")
    channels = Channels(trust=both)
    async with world.served(both) as address:
        async with calling(channels, address) as answers:
            for _ in range(ROUNDS):
                await renew(world)
                await ask(address, gateway)
                await answers.several_more()
        await channels.aclose()

    assert answers.count >= ROUNDS * CALLERS
    assert answers.ended == CALLERS


async def test_a_call_in_flight_outlives_its_certificate(world: World, gateway: Trust) -> None:
    """What was asked before the files changed is answered after."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()

    world.queries.act = wait
    async with world.served(await world.trust("order")) as address:
        call = asyncio.ensure_future(ask(address, gateway))
        await begun.wait()
        await renew(world, Authority("x").pem)
        go_on.set()

        await call
    assert call.done()


async def test_a_server_believes_its_new_authority(world: World, gateway: Trust) -> None:
    """Who was refused is admitted, and who was admitted is refused, from the next look on."""
    fresh = Authority("fresh")
    both = world.authority.pem + fresh.pem
    settings = await world.settings("late", fresh.issue(*world.names("late")), fresh)
    await asyncio.to_thread(Path(settings.authority).write_bytes, both)
    late = await open_trust(settings, world.system)
    async with world.served(await world.trust("order")) as address:
        with pytest.raises(CallError):
            await ask(address, late)
        await renew(world, both)
        await ask(address, late)
        await ask(address, gateway)
        issued = fresh.issue(*world.names("order"))
        await asyncio.to_thread(write, world.place / "order", issued, fresh.pem)
        await world.clock.look()
        await ask(address, late)
        with pytest.raises(CallError):
            await ask(address, gateway)

    assert [it.identity for it in world.queries.calls] == ["late", "gateway", "late"]


async def test_open_channels_show_a_new_certificate(world: World, gateway: Trust) -> None:
    """A channel that was made before goes on with what is in the files now."""
    caller = await world.trust("order")
    channels = Channels(trust=caller)
    async with world.served(gateway) as address:
        await asked(channels, address)
        issued = world.authority.issue(*world.names("renamed"))
        await asyncio.to_thread(write, world.place / "order", issued, world.authority.pem)
        await world.clock.look()
        await asked(channels, address)
        await channels.aclose()

    assert [it.identity for it in world.queries.calls] == ["order", "renamed"]


async def test_what_cannot_be_used_changes_nothing(
    world: World, gateway: Trust, caplog: pytest.LogCaptureFixture
) -> None:
    """A bad file is an alarm, told once, and the end of it when a good one comes."""
    caplog.set_level(logging.INFO)
    expired = world.authority.issue(*world.names("order"), until=NOW - DAY)
    async with world.served(await world.trust("order")) as address:
        await asyncio.to_thread(write, world.place / "order", expired, world.authority.pem)
        await world.clock.look()
        await world.clock.look()
        await ask(address, gateway)
        await asyncio.to_thread((world.place / "order" / "tls.key").unlink)
        await world.clock.look()
        await ask(address, gateway)
        await renew(world)
        await ask(address, gateway)

    told = [(it.getMessage(), getattr(it, "reason", "")) for it in caplog.records]
    place = world.place / "order"
    expired_text = f"tls.certificate is {place}/tls.crt, refused by tls.authority: certificate has"
    absent_text = f"tls.key is {place}/tls.key, No such file or directory"
    assert told == [
        ("certificate.refused", f"{expired_text} expired; renew it"),
        ("certificate.refused", f"{absent_text}; name a file of this user"),
        ("certificate.renewed", ""),
    ]


async def test_a_certificate_says_when_it_expires(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The gauge counts down, and below fourteen days a warning comes once a day."""
    system = replace(world.system, clock=world.clock)
    until = NOW + timedelta(days=15, hours=1)
    issued = world.authority.issue(*world.names("order"), until=until)
    await open_trust(await world.settings("order", issued), system)
    left, warned = [], []
    for days in (0, 1, 2, 2, 3):
        world.clock.ahead = days * DAY
        await world.clock.look()
        (family,) = [it for it in system.metrics.collect() if it.metric.name == EXPIRY]
        left.append(round(float(str(family.series[()])) / 3600 / 24))
        warned.append(len(caplog.records))
    await renew(world)
    world.clock.ahead = 16.5 * DAY
    await world.clock.look()
    await world.clock.look()

    assert left == [15, 14, 13, 13, 12]
    assert len(caplog.records) == 3
    assert warned == [0, 0, 1, 1, 2]
    assert {it.getMessage() for it in caplog.records} == {"certificate.expires"}
