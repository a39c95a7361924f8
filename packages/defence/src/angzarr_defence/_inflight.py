"""The requests that are being answered, so that a server can drain (reliability.md §11)."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from angzarr_defence._errors import DrainingError, TooManyCallsError
from angzarr_ports import Metric, MetricKind, Metrics

RETRY_SECONDS = 0.1
RPC_IN_FLIGHT = Metric(
    name="angzarr_rpc_in_flight", help="Calls that are being answered.", kind=MetricKind.GAUGE
)


class InFlight:
    """Counts calls, `limit` at most, and knows the open streams; draining it admits nobody."""

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._limit = limit
        self._metrics = metrics
        self._calls = 0
        self._streams: set[Callable[[], object]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.draining = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Hold the server open for one call.

        Raises:
            DrainingError: the server ends.
            TooManyCallsError: there are too many already.
        """
        if self.draining:
            raise DrainingError
        if self._calls >= self._limit:
            raise TooManyCallsError(RETRY_SECONDS)
        self._change(1)
        self._idle.clear()
        try:
            yield
        finally:
            self._change(-1)
            if not self._calls:
                self._idle.set()

    def _change(self, by: int) -> None:
        self._calls += by
        self._metrics.set(RPC_IN_FLIGHT, self._calls)

    @contextmanager
    def stream(self, leave: Callable[[], object]) -> Iterator[None]:
        """Note an open stream, which draining ends by `leave`; errors as of `call`."""
        with self.call():
            self._streams.add(leave)
            try:
                yield
            finally:
                self._streams.discard(leave)

    async def drain(self, seconds: float) -> None:
        """Admit nobody any more, end the streams, and wait for the calls, `seconds` at most."""
        self.draining = True
        for leave in tuple(self._streams):
            leave()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
