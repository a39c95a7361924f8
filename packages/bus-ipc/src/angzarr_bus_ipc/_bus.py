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
        self._worker = system.threads.worker("pipes")
        self._writers: dict[Path, int] = {}
        self._inboxes: list[IpcInbox] = []
        self._scanning = system.tasks.start("pipe scan", self._scan())

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "IpcBus":
        bus = cls(Path(config.url), system)
        await bus._worker.call(bus._check_directory)
        return bus

    @override
    def publish(self, frame: Frame) -> None:
        record = encode_record(frame)
        for path, descriptor in self._writers.items():
            if _domain_of(path) == frame.domain:
                self._system.faults.at("F1")
                self._write(descriptor, record)
                self._system.faults.at("F2")

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        path = pipe_path(self._directory, domain, subscriber)
        inbox = await IpcInbox(path, limit_frames, self._system, self._worker).open()
        self._inboxes.append(inbox)
        return inbox

    @override
    async def aclose(self) -> None:
        self._scanning.cancel()
        for inbox in self._inboxes:
            await inbox.aclose()
        self._inboxes.clear()
        await self._worker.aclose()
        for descriptor in self._writers.values():
            os.close(descriptor)
        self._writers.clear()

    def _check_directory(self) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._directory.stat()
        except OSError as error:
            raise BusUnavailableError(str(self._directory), str(error)) from error
        if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
            raise BusUnavailableError(str(self._directory), "it must be of mode 0700 and ours")

    async def _scan(self) -> None:
        while True:
            gone, fresh = await self._worker.call(self._compare)
            for path in gone:
                os.close(self._writers.pop(path))
            self._writers.update(fresh)
            await self._system.clock.sleep(SCAN_SECONDS)

    def _compare(self) -> tuple[list[Path], dict[Path, int]]:
        known = dict(self._writers)
        gone = [path for path, descriptor in known.items() if not is_same_pipe(descriptor, path)]
        fresh: dict[Path, int] = {}
        for path in self._pipes():
            if path in known and path not in gone:
                continue
            descriptor = open_pipe(path)
            if descriptor is not None:
                fresh[path] = descriptor
        return gone, fresh

    def _pipes(self) -> list[Path]:
        """Return the pipes in the directory, which is made again if somebody took it away."""
        try:
            self._check_directory()
            return list(self._directory.glob(f"*{SUFFIX}"))
        except (BusUnavailableError, OSError):
            return []

    @staticmethod
    def _write(descriptor: int, record: bytes) -> None:
        try:
            os.write(descriptor, record)
        except OSError:
            return  # full, or without a reader: the subscriber reads the feed


def _domain_of(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).rpartition(".")[0]
