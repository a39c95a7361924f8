"""One process of ours: settings, real ports, signals, exit codes (reliability.md §12)."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from angzarr_bus import BusRefusedError
from angzarr_defence import harden
from angzarr_ports import System, real_system
from angzarr_settings import SettingsError
from angzarr_store import FencedError, RefusedError, StoreIoError

DRAINED, FAILED, IO_FAILED, FENCED, REFUSED = 0, 70, 74, 75, 78
FAREWELL_SECONDS = 1.0
FAILED_EVENT = "process.failed"
REFUSED_EVENT = "process.refused"

SettingsT = TypeVar("SettingsT")
Serve = Callable[[System, asyncio.Event], Awaitable[None]]

_LOG = logging.getLogger("angzarr")


def run_process(
    read: Callable[[], SettingsT],
    serve: Callable[[SettingsT, System, asyncio.Event], Awaitable[None]],
) -> None:
    """Run `serve(read(), system, stop)` until it returns; `stop` is set by SIGTERM and SIGINT.

    Exits with 0 when drained, 70 after an invariant or a background task failed, 74 when the
    store could not write, 75 when fenced, 78 when a setting or a check refused the start.
    """
    harden()
    code = REFUSED
    try:
        settings = read()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
    else:
        gc.freeze()  # what is here now stays: a collection need not look at it
        code = asyncio.run(supervise(lambda system, stop: serve(settings, system, stop)))
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


async def supervise(serve: Serve) -> int:
    """Return the exit code of `serve`; the first task that dies ends it within a second."""
    stop, failures = asyncio.Event(), list[BaseException]()
    loop, serving = asyncio.get_running_loop(), asyncio.current_task()

    def failed(name: str, error: BaseException) -> None:
        failures.append(error)
        _report(name, error)
        if len(failures) == 1 and serving is not None:
            loop.call_later(FAREWELL_SECONDS, os._exit, exit_code(error))
            serving.cancel()

    loop.set_exception_handler(lambda _, context: failed("event loop", _error_of(context)))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await serve(real_system(failed), stop)
    except asyncio.CancelledError:
        if not failures:
            raise
    except Exception as error:  # noqa: BLE001 - the outermost wrapper of a process
        failures.append(error)
        _report("serve", error)
    return exit_code(failures[0]) if failures else DRAINED


def exit_code(error: BaseException) -> int:
    """Return the code that says why a process ends."""
    match error:
        case RefusedError() | BusRefusedError():
            return REFUSED
        case FencedError():
            return FENCED
        case StoreIoError():
            return IO_FAILED
        case _:
            return FAILED


def _report(name: str, error: BaseException) -> None:
    if isinstance(error, RefusedError | BusRefusedError):
        _LOG.error(REFUSED_EVENT, extra={"reason": str(error)})
    else:
        _LOG.error(FAILED_EVENT, extra={"reason": name}, exc_info=error)


def _error_of(context: dict[str, Any]) -> BaseException:
    error = context.get("exception")
    return error if isinstance(error, BaseException) else RuntimeError(context["message"])
