"""The answer to a request that is wrong."""

from angzarr import Fault
from angzarr_service._errors import RequestError


def refuse(fault: Fault | None) -> None:
    """Return when there is no fault.

    Raises:
        RequestError: INVALID_ARGUMENT.
    """
    if fault is not None:
        raise RequestError("INVALID_ARGUMENT", fault.message, field=fault.field)
