"""What keeps the contract's tests whole: a language can neither drop nor replace one."""

from collections.abc import Awaitable

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped]  # no stubs
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs
from typing_extensions import override


class Contract:
    """Base of the kit; the fixture `serve` brings up one behaviour and returns its address."""

    @override
    def __init_subclass__(cls) -> None:
        """Refuse a subclass that overrides an inherited test.

        Raises:
            TypeError: it does.
        """
        for name in vars(cls):
            if name.startswith("test_") and any(hasattr(base, name) for base in cls.__bases__):
                raise TypeError(f"{cls.__name__} overrides {name} of its contract")


async def refused(call: Awaitable[object]) -> tuple[str, str, str]:
    """Return code, text and reason of the refusal that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    trailers = dict(caught.value.trailing_metadata() or ())
    info = ErrorInfo()
    for detail in Status.FromString(trailers.get("grpc-status-details-bin", b"")).details:
        detail.Unpack(info)
    return caught.value.code().name, str(caught.value.details()), str(info.reason)
