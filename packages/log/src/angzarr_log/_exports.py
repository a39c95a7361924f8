"""The head of the log, exported to where who shortens the log does not reach (C15)."""

import logging
from collections import deque
from itertools import takewhile
from pathlib import Path

from angzarr_ports import System
from angzarr_settings import StoreSettings
from angzarr_store import (
    EventLog,
    LogMismatchError,
    PositionPastHeadError,
    RefusedError,
    StoreUnavailableError,
)
from angzarr_telemetry import ExportedHead, HeadsError, HeadsFile

EXPORT_SECONDS = 60.0
EXPORT_EVENTS = 10_000
LOOK_SECONDS = 1.0
FAILED = "store.export_failed"
NOTHING = ExportedHead(position=0, chain=b"", end=0)

_LOG = logging.getLogger("angzarr.store")


class HeadExport:
    """Exports the head of one log every minute and every so many events."""

    def __init__(self, settings: StoreSettings, log: EventLog, system: System) -> None:
        self._places = Path(settings.export), log.domain, Path(settings.export_key)
        self._log = log
        self._clock = system.clock
        self._worker = system.threads.worker("head-export")
        self._last = NOTHING

    @classmethod
    async def checked(
        cls, settings: StoreSettings, log: EventLog, system: System
    ) -> "HeadExport | None":
        """Return the export that the settings ask for after `check`, None for none."""
        export = cls(settings, log, system) if settings.export else None
        if export:
            await export.check()
        return export

    async def check(self) -> None:
        """Open the file; return when the log holds what was exported last.

        Raises:
            RefusedError: it does not, or what was exported cannot be trusted.
        """
        try:
            self._file = await self._worker.call(lambda: HeadsFile(*self._places))
            heads = await self._worker.call(lambda: deque(self._file.read(0), maxlen=1))
            self._last = heads[0] if heads else NOTHING
            await self._log.read_feed(
                after=self._last.position, limit=1, limit_bytes=1, after_chain=self._last.chain
            )
        except (OSError, HeadsError) as error:
            raise RefusedError("store.export", str(error), "restore it") from error
        except (PositionPastHeadError, LogMismatchError) as error:
            fix = "restore the log, or move the export away to accept what is lost"
            raise RefusedError(
                "store.export", f"at position {self._last.position}: {error}", fix
            ) from error

    async def heads(self, begin: int, last: int) -> list[ExportedHead]:
        """Return what was exported from byte `begin` of the file on, up to position `last`."""
        return await self._worker.call(
            lambda: [*takewhile(lambda it: it.position <= last, self._file.read(begin))]
        )

    async def run(self) -> None:
        """Export until cancelled; a failure is told and tried again."""
        due = self._clock.monotonic()
        while True:
            try:
                late = self._clock.monotonic() >= due
                if await self._export(1 if late else EXPORT_EVENTS):
                    due = self._clock.monotonic() + EXPORT_SECONDS
            except (OSError, StoreUnavailableError) as error:
                _LOG.warning(FAILED, extra={"domain": self._log.domain, "reason": str(error)})
            await self._clock.sleep(LOOK_SECONDS)

    async def _export(self, least: int) -> bool:
        head = await self._log.head()
        if head.position - self._last.position < least:
            return False
        begin = self._last.end
        end = await self._worker.call(lambda: self._file.append(head.position, head.chain, begin))
        self._last = ExportedHead(position=head.position, chain=head.chain, end=end)
        return True
