"""Bus over named pipes: `<directory>/<domain>.<subscriber>.pipe`."""

import os
import stat
from pathlib import Path

from typing_extensions import override

from angzarr_bus import Bus, BusConfig, BusUnavailableError, Frame, Inbox
from angzarr_bus_ipc._inbox import IpcInbox
from angzarr_bus_ipc._pipe import SUFFIX, is_same_pipe, open_pipe, pipe_path
from angzarr_bus_ipc._record import encode_record
from angzarr_ports import System

SCAN_SECONDS = 0.2


class IpcBus(Bus):
    """Writes each frame to every pipe of its domain; a full or broken pipe loses it."""

    def __init__(self, directory: Path, system: System) -> None:
        self._directory = directory
        self._system = system
        self._writers: dict[str, dict[Path, int]] = {}
        self._scanned: dict[str, float] = {}
        self._inboxes: list[Inbox] = []

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "IpcBus":
        directory = Path(config.url)
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = directory.stat()
        except OSError as error:
            raise BusUnavailableError(config.url, str(error)) from error
        if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
            raise BusUnavailableError(config.url, "the directory must be mode 0700 and ours")
        return cls(directory, system)

    @override
    def publish(self, frame: Frame) -> None:
        record = encode_record(frame)
        for path, descriptor in list(self._pipes(frame.domain).items()):
            try:
                os.write(descriptor, record)
            except BlockingIOError:
                continue
            except OSError:
                self._forget(frame.domain, path)

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        path = pipe_path(self._directory, domain, subscriber)
        inbox = IpcInbox(path, limit_frames, self._system)
        self._inboxes.append(inbox)
        return inbox

    @override
    async def aclose(self) -> None:
        for inbox in self._inboxes:
            await inbox.aclose()
        for writers in self._writers.values():
            for descriptor in writers.values():
                os.close(descriptor)
        self._writers.clear()
        self._inboxes.clear()

    def _pipes(self, domain: str) -> dict[Path, int]:
        writers = self._writers.setdefault(domain, {})
        now = self._system.clock.monotonic()
        if now - self._scanned.get(domain, -SCAN_SECONDS) < SCAN_SECONDS:
            return writers
        self._scanned[domain] = now
        for path, descriptor in list(writers.items()):
            if not is_same_pipe(descriptor, path):
                self._forget(domain, path)
        for path in self._directory.glob(f"*{SUFFIX}"):
            owner = path.name.removesuffix(SUFFIX).rpartition(".")[0]
            if owner == domain and path not in writers:
                descriptor = open_pipe(path)
                if descriptor is not None:
                    writers[path] = descriptor
        return writers

    def _forget(self, domain: str, path: Path) -> None:
        os.close(self._writers[domain].pop(path))
