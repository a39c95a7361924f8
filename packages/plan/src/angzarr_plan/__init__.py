"""From the file of an application to the processes it needs, in order."""

from angzarr_plan._facts import Facts, Inquiry
from angzarr_plan._health import Health
from angzarr_plan._launch import Launch, Stage
from angzarr_plan._places import LONGEST_SOCKET, Places, longest_socket
from angzarr_plan._plan import Plan

__all__ = [
    "LONGEST_SOCKET",
    "Facts",
    "Health",
    "Inquiry",
    "Launch",
    "Places",
    "Plan",
    "Stage",
    "longest_socket",
]
