"""B26: a missing pipe is fatal."""

from angzarr_bus_ipc import _inbox


def plant() -> None:
    """Fail where the pipe would be made again."""

    def replacement(self: _inbox.IpcInbox) -> None:
        if not _inbox.is_same_pipe(self._descriptor, self._path):  # noqa: SLF001 - the bug
            raise FileNotFoundError(self._path)  # noqa: SLF001 - the bug

    _inbox.IpcInbox._replacement = replacement  # type: ignore[assignment,method-assign]  # noqa: SLF001 - the bug
