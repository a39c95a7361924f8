"""What every command knows: the gateway, the format, the time it has."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from angzarr_terminal import NOT_FOUND, USAGE, CliError, Format, errors_as_exit_codes

if TYPE_CHECKING:
    from angzarr_ports import Trust
    from angzarr_service import Channels
    from angzarr_settings import ProjectSettings
    from angzarr_standalone import Status

TLS = "ANGZARR_TLS__"

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The global options."""

    gateway: str
    config: str
    form: Format
    timeout_seconds: float
    debug: bool
    edition: str = ""

    def run(self, work: Coroutine[object, object, ResultT]) -> ResultT:
        """Run an asynchronous command; errors become exit codes."""
        with errors_as_exit_codes(self.form, debug=self.debug):
            return asyncio.run(work)

    async def call(self, method: Any, request: Any, domain: str = "") -> Any:  # noqa: ANN401 - any method's messages
        """Return the gateway's answer; its refusal ends the command."""
        async with self._asking(domain) as channels:
            return await channels.call(
                self.address, method, request, timeout_seconds=self.timeout_seconds
            )

    async def gather(self, method: Any, request: Any) -> list[Any]:  # noqa: ANN401 - any method's messages
        """Return everything that the gateway streams; its refusal ends the command."""
        async with self._asking("") as channels:
            replies = channels.stream(
                self.address, method, request, timeout_seconds=self.timeout_seconds
            )
            return [reply async for reply in replies]

    @asynccontextmanager
    async def _asking(self, domain: str) -> AsyncIterator["Channels"]:
        from angzarr_service import CallError, Channels  # noqa: PLC0415 - start-up time

        async with trusted() as trust, aclosing(Channels(trust=trust)) as channels:
            try:
                yield channels
            except CallError as error:
                status, reason = error.status, error.peer_reason
                raise self.refusal(status.code, reason, status.message, domain) from error

    @property
    def address(self) -> str:
        """Return the gateway: the option, else that of the running project, else the default."""
        if self.gateway:
            return self.gateway
        status = self.found_status()
        return status.gateway if status is not None else "127.0.0.1:9084"

    def project(self, *flags: str) -> "ProjectSettings":
        """Return the application that --config or the current directory names.

        Shape: each flag is --KEY=VALUE and goes before what the file says.

        Raises:
            CliError: there is none, or its file is wrong.
        """
        from angzarr_settings import SettingsError, load_project  # noqa: PLC0415 - start-up time

        try:
            return load_project([f"--config={self.config}", *flags] if self.config else flags)
        except SettingsError as error:
            raise CliError.of_settings(error) from error

    def found_status(self) -> "Status | None":
        """Return the status of the project at hand, else of the only one that runs here."""
        from angzarr_settings import environment  # noqa: PLC0415 - start-up time
        from angzarr_standalone import (  # noqa: PLC0415 - start-up time
            read_status,
            run_directory_of,
            running,
        )

        if self.config or Path("angzarr.yaml").exists():
            return read_status(run_directory_of(self.project(), environment()))
        found = running(environment())
        return found[0] if len(found) == 1 else None

    def refusal(self, code: int, reason: str, message: str, domain: str) -> CliError:
        """Return the error that a refusal by the gateway means."""
        if reason != "UNKNOWN_DOMAIN":
            return CliError.of_status(code, message)
        status = self.found_status()
        domains = sorted(it.domain for it in status.components if it.domain) if status else []
        known = f"; known: {', '.join(domains)}" if domains else ""
        text = f'no component serves domain "{domain}"{known}.'
        return CliError(NOT_FOUND, text, then="angzarr topology")

    def status(self) -> "Status":
        """Return the status of the running project.

        Raises:
            CliError: nothing runs.
        """
        found = self.found_status()
        if found is None:
            raise CliError(NOT_FOUND, "no project is running here.", then="angzarr up")
        return found


@asynccontextmanager
async def trusted() -> "AsyncIterator[Trust | None]":
    """Enter with who we are to a gateway beyond this machine, if ANGZARR_TLS__… says so."""
    from angzarr_ports import real_system  # noqa: PLC0415 - start-up time
    from angzarr_settings import SettingsError, environment, load  # noqa: PLC0415 - start-up time
    from angzarr_store import RefusedError  # noqa: PLC0415 - start-up time
    from angzarr_trust import open_trust  # noqa: PLC0415 - start-up time

    told = {name: text for name, text in environment().items() if name.startswith(TLS)}
    system = real_system(lambda *_: None)
    try:
        yield await open_trust(load([], told).tls, system) if told else None
    except SettingsError as error:
        raise CliError.of_settings(error) from error
    except RefusedError as error:
        raise CliError(USAGE, str(error)) from error
    finally:
        await system.tasks.aclose()
