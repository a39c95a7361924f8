"""The file of the rules."""

import logging
import os
from pathlib import Path
from typing import Any

import yaml

from angzarr_access._rule import Rule, RuleError
from angzarr_access._rules import Rules
from angzarr_ports import System, Worker
from angzarr_store import RefusedError

WATCH_SECONDS = 5.0
OTHERS_WRITE = 0o022
REFUSED_EVENT = "access.refused"
RENEWED_EVENT = "access.renewed"

Stamp = tuple[int, int, int]

_LOG = logging.getLogger("angzarr.access")


async def open_access(path: str, system: System) -> Rules:
    """Return the rules in a file, which is watched as long as `system` has tasks.

    Raises:
        RefusedError: it cannot be read, others may write to it, or a rule in it is none.
    """
    worker, file = system.threads.worker("access"), _File(Path(path))
    try:
        rules = Rules(await worker.call(file.read))
    except RefusedError:
        await worker.aclose()
        raise
    system.tasks.start("access", _watch(file, rules, worker, system))
    return rules


async def _watch(file: "_File", rules: Rules, worker: Worker, system: System) -> None:
    refusal = ""
    try:
        while True:
            await system.clock.sleep(WATCH_SECONDS)
            try:
                if await worker.call(file.is_new):
                    rules.replace(await worker.call(file.read))
                    _LOG.info(RENEWED_EVENT)
                refusal = ""
            except RefusedError as error:
                if str(error) != refusal:
                    _LOG.error(REFUSED_EVENT, extra={"reason": str(error)})
                refusal = str(error)
    finally:
        await worker.aclose()


class _File:
    """Where the rules are; every method blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None

    def is_new(self) -> bool:
        """Say whether it is another than the one that was read.

        Raises:
            RefusedError: there is none.
        """
        return _stamp(self._stat()) != self._stamp

    def read(self) -> list[Rule]:
        """Return what it says.

        Raises:
            RefusedError: it is no list of rules, or others may have written it.
        """
        found = self._stat()
        if found.st_mode & OTHERS_WRITE or found.st_uid not in {0, os.geteuid()}:
            what = f"of mode {found.st_mode & 0o777:o} of user {found.st_uid}"
            raise self._refused(what, "make it yours alone: chmod 600")
        try:
            rules = [Rule.of(plain) for plain in self._plain()]
        except RuleError as error:
            raise self._refused(f"where {error}", "correct it") from error
        if not rules:
            raise self._refused("without a rule", "say who may call what")
        self._stamp = _stamp(found)
        return rules

    def _plain(self) -> list[Any]:
        try:
            content = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise self._refused("not to be read", "write YAML") from error
        if not isinstance(content, dict) or set(content) != {"access"}:
            raise self._refused("not one list", "begin with `access:`")
        found = content["access"]
        return found if isinstance(found, list) else []

    def _stat(self) -> os.stat_result:
        try:
            return self._path.stat()
        except OSError as error:
            raise self._refused(str(error.strerror), "name a file of this user") from error

    def _refused(self, what: str, fix: str) -> RefusedError:
        return RefusedError("access", f"{self._path}, {what}", fix)


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_size, found.st_mtime_ns
