"""B45: the text of an exception leaves the process."""

from typing import Any

from angzarr.types_pb2 import RpcStatus
from angzarr_service import Call, _handlers


def plant() -> None:
    """Tell the caller what is for the log."""
    handlers: Any = _handlers.Handlers
    honest = handlers._status

    def talkative(self: _handlers.Handlers, error: Exception, call: Call) -> RpcStatus:
        status: RpcStatus = honest(self, error, call)
        status.message += f": {error}"
        return status

    handlers._status = talkative
