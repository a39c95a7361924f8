"""Process shell: server, channels, health, admission, and errors as statuses."""

from angzarr_service._admission import Admission
from angzarr_service._channel import Channels
from angzarr_service._components import components_of
from angzarr_service._descriptor import DESCRIPTOR_METHODS, descriptor_of
from angzarr_service._errors import CallError, RequestError
from angzarr_service._feed import RemoteFeed
from angzarr_service._process import run_process
from angzarr_service._server import Call, Server, ServerConfig
from angzarr_service._status import encoded_status

__all__ = [
    "DESCRIPTOR_METHODS",
    "Admission",
    "Call",
    "CallError",
    "Channels",
    "RemoteFeed",
    "RequestError",
    "Server",
    "ServerConfig",
    "components_of",
    "descriptor_of",
    "encoded_status",
    "run_process",
]
