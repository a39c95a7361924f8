"""Process shell: server, channels, health, and errors as statuses."""

from angzarr_service._call import Call
from angzarr_service._channel import Channels
from angzarr_service._coordinator import prepared, run_coordinator, run_reader
from angzarr_service._errors import CallError, Fault, RequestError, UnhealthyError, refuse
from angzarr_service._handlers import CallLimits, Handlers
from angzarr_service._health import PeerHealth
from angzarr_service._ports import Ports, opened_discovery, opened_ports
from angzarr_service._process import run_process
from angzarr_service._server import Server, ServerConfig
from angzarr_service._status import encoded_status

__all__ = [
    "Call",
    "CallError",
    "CallLimits",
    "Channels",
    "Fault",
    "Handlers",
    "PeerHealth",
    "Ports",
    "RequestError",
    "Server",
    "ServerConfig",
    "UnhealthyError",
    "encoded_status",
    "opened_discovery",
    "opened_ports",
    "prepared",
    "refuse",
    "run_coordinator",
    "run_process",
    "run_reader",
]
