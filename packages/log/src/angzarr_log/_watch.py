"""What runs beside a log while it is served."""

import asyncio

from angzarr_log._announcer import Announcer
from angzarr_log._exports import HeadExport
from angzarr_log._scrubber import Scrubber
from angzarr_ports import System
from angzarr_store import EventLog


def start_watching(
    log: EventLog, export: HeadExport | None, system: System, *, shared: Announcer | None
) -> list[asyncio.Task[None]]:
    """Verify the log and export its head from now on; return the tasks, to be cancelled.

    `shared` is who announces a log that other processes append to, None where nobody else does.
    """
    tasks = [system.tasks.start("scrubber", Scrubber(log, export, system).run())]
    if export:
        tasks.append(system.tasks.start("head export", export.run()))
    if shared:
        tasks.append(system.tasks.start("others", shared.watch_others()))
    return tasks
