"""Process shell: server, channels, health, and errors as statuses."""

from angzarr_service._channel import Channels
from angzarr_service._errors import CallError, RequestError
from angzarr_service._server import Call, Server, ServerConfig

__all__ = ["Call", "CallError", "Channels", "RequestError", "Server", "ServerConfig"]
