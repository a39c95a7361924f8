"""Whether a peer can be used, by the standard health protocol (contract.md §1.4, §5)."""

import asyncio

from grpc_health.v1 import health_pb2

from angzarr import Method
from angzarr_service._channel import DEADLINE_EXCEEDED, UNAVAILABLE, Channels
from angzarr_service._errors import CallError, UnhealthyError

TIMEOUT_SECONDS = 2.0
NOT_FOUND = 5

_CHECK = Method(
    "grpc.health.v1.Health", "Check", health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
)


class PeerHealth:
    """The health of the peer at one address."""

    def __init__(self, address: str, channels: Channels) -> None:
        self._address = address
        self._channels = channels

    async def check(self, how: str = "auto") -> None:
        """Return when the peer can be used; takes a few seconds at most.

        Shape: `how` is connect (an accepted connection is enough), grpc (its health service says
        SERVING), or auto: a peer that has no health service needs to accept connections only.

        Raises:
            UnhealthyError: it cannot be used now.
        """
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._channels.connect(self._address)
        except (OSError, TimeoutError) as error:
            raise UnhealthyError(str(error) or "no connection in time") from error
        if how != "connect":
            await self._ask(tolerant=how == "auto")

    async def answers(self) -> bool:
        """Say whether the peer answers at all, be it that it is not ready.

        One that waits for another is alive; killing it would help nobody.
        """
        try:
            await self._check()
        except CallError as error:
            return error.status.code not in {DEADLINE_EXCEEDED, UNAVAILABLE}
        return True

    async def _ask(self, *, tolerant: bool) -> None:
        try:
            answer = await self._check()
        except CallError as error:
            absent = error.status.is_unimplemented or error.status.code == NOT_FOUND
            if tolerant and absent:
                return
            raise UnhealthyError(error.status.message) from error
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            raise UnhealthyError("not serving")

    async def _check(self) -> health_pb2.HealthCheckResponse:
        request = health_pb2.HealthCheckRequest()
        return await self._channels.call(
            self._address, _CHECK, request, timeout_seconds=TIMEOUT_SECONDS
        )
