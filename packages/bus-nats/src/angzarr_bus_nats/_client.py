"""One connection to one server, which is never reconnected: another one takes its place."""

import asyncio
import re
from contextlib import suppress
from ssl import SSLCertVerificationError
from typing import Any

import nats.errors
from nats.aio.client import Client
from typing_extensions import override

from angzarr_bus import BusRefusedError
from angzarr_bus_nats._place import CREDENTIALS, URL, Login

CONNECT_SECONDS = 2
ROUND_SECONDS = 5
CLOSE_SECONDS = 2.0
NO_STREAM = "angzarr-="
OLDEST = (2, 9, 0)
FORGETFUL = ((2, 10, 20), (2, 10, 22))

FAILURES = (nats.errors.Error, OSError, ValueError)

_DENIED = re.compile("permissions violation", re.IGNORECASE)
_REFUSED = re.compile("authorization|authentication", re.IGNORECASE)


class NatsClient(Client):
    """A client of nats-py that says once, and surely, that its connection is over.

    nats-py would reconnect by itself: it buffers what is published meanwhile and then loses it,
    and its own tasks die in ways that look connected (reliability.md §11).
    """

    def __init__(self, server: str) -> None:
        super().__init__()
        self.server = server
        self.lost = asyncio.Event()
        self.streams: set[str] = set()
        self.watchers: set[asyncio.Event] = set()
        self.answers = ""
        self.why = ""

    @property
    def inbox_prefix(self) -> str:
        """Return the beginning of the subjects at which only this user listens."""
        return self._inbox_prefix.decode()

    async def begin(self, login: Login) -> None:
        """Connect and log in.

        Raises:
            BusRefusedError: this server is not to be used, or it refuses the login.
            nats.errors.Error, OSError: it cannot be reached.
        """
        try:
            await self.connect(
                self.server,
                user=login.user or None,
                password=login.password or None,
                inbox_prefix=login.inbox_prefix,
                error_cb=self._note,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_SECONDS,
                pending_size=0,  # the outbox has the bound; here publishing would wait for ever
            )
            await self._check_rights(login)
        except BaseException as error:
            await self.abandon()
            if isinstance(error, Exception):
                self._refuse(error, login)
            raise

    async def watch(self) -> None:
        """Return when the connection is over; a silent server is asked every 5 s."""
        while not self.lost.is_set():
            try:
                async with asyncio.timeout(ROUND_SECONDS):
                    await self.lost.wait()
            except TimeoutError:
                with suppress(*FAILURES):
                    await self.rtt(timeout=ROUND_SECONDS)
                    continue
                return

    async def abandon(self) -> None:
        """Close the connection, without a farewell if the server takes none."""
        self._lose()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.close()
        except TimeoutError:
            writer = getattr(self._transport, "_io_writer")  # noqa: B009 - nats-py never gives up
            writer.transport.abort()

    async def _note(self, error: Exception) -> None:
        if isinstance(error, OSError | nats.errors.StaleConnectionError):
            self._lose()
        self.why = str(error)

    def _lose(self) -> None:
        for it in (self.lost, *self.watchers):
            it.set()

    async def _check_rights(self, login: Login) -> None:
        """Ask for what no login of ours may do; the answer to a ping comes behind the refusal.

        nats-py sends a ping past what is published and not yet written, so that it takes two.
        """
        if not login.user:
            return
        await self.publish(f"$JS.API.STREAM.DELETE.{NO_STREAM}")
        for _ in range(2):
            await self.rtt(timeout=CONNECT_SECONDS)
        if not _DENIED.search(self.why):
            what = f"{login.user!r}, who may delete streams"
            fix = "grant it the rights of a component and no others"
            raise BusRefusedError(CREDENTIALS, what, fix)

    def _refuse(self, error: Exception, login: Login) -> None:
        if isinstance(error, SSLCertVerificationError):
            fix = "let this machine trust its issuer (SSL_CERT_FILE)"
            raise BusRefusedError(URL, f"{self.server}, {error.verify_message}", fix) from error
        if isinstance(error, nats.errors.Error) and _REFUSED.search(str(error)):
            who = f"{login.user!r}" if login.user else "nobody"
            fix = "name the file of a login that this server knows"
            raise BusRefusedError(CREDENTIALS, f"{who} for {self.server}", fix) from error

    @override
    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        """Look at the server before the login is sent to it."""
        if initial_connection:
            self._check(info)

    @override
    async def _close(self, status: int, do_cbs: bool = True) -> None:
        """Close, and drop what waits.

        A server that takes nothing would keep the rest from being closed, and one that hung up
        would raise an error in a task of nobody.
        """
        self._pending, self._pending_data_size = [], 0
        try:
            await super()._close(status, do_cbs)
        finally:
            self._lose()

    def _check(self, info: dict[str, Any]) -> None:
        version = str(info.get("version", ""))
        numbers = _numbers(version)
        if numbers < OLDEST:
            fix = "use 2.9 or newer"
            raise BusRefusedError(URL, f"{self.server}, NATS {version}", fix)
        if FORGETFUL[0] <= numbers <= FORGETFUL[1]:
            fix = "use 2.10.23 or newer: a killed server of this version loses its streams"
            raise BusRefusedError(URL, f"{self.server}, NATS {version}", fix)
        if self.server.startswith("tls:") and not info.get("tls_required"):
            raise BusRefusedError(URL, f"{self.server}, without TLS", "require TLS at the server")


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; a build without them is older than any."""
    plain = version.partition("-")[0].split(".")
    return tuple(map(int, plain)) if all(it.isdigit() for it in plain) else ()
