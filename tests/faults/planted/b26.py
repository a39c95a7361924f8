"""B26: a missing pipe is fatal."""

from typing import Any

from angzarr_bus_ipc import _inbox, _pipe

from .replacing import replace


def plant() -> None:
    """Fail where the pipe would be made again."""

    def replacement(self: _inbox.IpcInbox) -> None:
        if not _pipe.is_same_pipe(self._descriptor, self._path):
            raise FileNotFoundError(self._path)

    inbox: Any = _inbox.IpcInbox
    replace(inbox, "_replacement", replacement)
