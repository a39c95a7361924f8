"""One process of ours: real ports, signals, exit codes (reliability.md §12)."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from angzarr_ports import System, real_system
from angzarr_store import FencedError, InvariantError, RefusedError

DRAINED, FAILED, FENCED, REFUSED = 0, 70, 75, 78

Serve = Callable[[System, asyncio.Event], Awaitable[None]]


def run_process(serve: Serve) -> None:
    """Run `serve(system, stop)` until it returns; `stop` is set by SIGTERM and SIGINT.

    Exits with 0 when drained, 70 after an invariant or a background task failed, 75 when fenced,
    78 when a check refused the start.
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(message)s")
    code = asyncio.run(_supervise(serve))
    logging.shutdown()
    os._exit(code)


async def _supervise(serve: Serve) -> int:
    stop = asyncio.Event()
    failures: list[BaseException] = []

    def failed(name: str, error: BaseException) -> None:
        logging.getLogger("angzarr").error("task %s died", name, exc_info=error)
        failures.append(error)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await serve(real_system(failed), stop)
    except (RefusedError, InvariantError, FencedError, OSError) as error:
        logging.getLogger("angzarr").error("%s", error)  # noqa: TRY400 - a sentence, no traceback
        failures.append(error)
    return _exit_code(failures)


def _exit_code(failures: list[BaseException]) -> int:
    if not failures:
        return DRAINED
    if isinstance(failures[0], RefusedError):
        return REFUSED
    return FENCED if isinstance(failures[0], FencedError) else FAILED
