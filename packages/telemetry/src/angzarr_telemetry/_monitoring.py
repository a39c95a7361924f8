"""Health and metrics of a process over HTTP (operations.md §1, §5)."""

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from angzarr_telemetry._exposition import CONTENT_TYPE
from angzarr_telemetry._http import JSON_TYPE, Answer, HttpServer, Welcome

LISTENING = {"started": ""}
TURNING = {"loop": ""}


class Monitored(ABC):
    """What is monitored: a process, or a system of processes."""

    @abstractmethod
    async def checks(self) -> Mapping[str, str]:
        """Return each condition of readiness with what is wrong, "" when it holds."""

    @abstractmethod
    async def metrics(self) -> str:
        """Return the exposition."""


class Monitoring:
    """The four paths of operations.md §1.

    A process listens only when it is started, and the answer comes from its event loop: that they
    are answered at all is what `/startupz` and `/livez` say. At a TCP port it answers whom
    `welcome` admits (host, port, the port called).
    """

    def __init__(self, subject: Monitored, welcome: Welcome) -> None:
        self._subject = subject
        self._welcome = welcome

    @asynccontextmanager
    async def serving(self, address: str) -> AsyncIterator[str]:
        """Serve while the body runs; yield the address, with the port that was chosen.

        Raises:
            OSError: the address cannot be used.
        """
        routes = {
            "/startupz": self._started,
            "/livez": self._alive,
            "/readyz": self._ready,
            "/metrics": self._metrics,
        }
        async with HttpServer(routes, self._welcome).serving(address) as bound:
            yield bound

    async def _started(self, _query: Mapping[str, str]) -> Answer:
        return health_answer(LISTENING)

    async def _alive(self, _query: Mapping[str, str]) -> Answer:
        return health_answer(TURNING)

    async def _ready(self, _query: Mapping[str, str]) -> Answer:
        return health_answer(await self._subject.checks())

    async def _metrics(self, _query: Mapping[str, str]) -> Answer:
        text = await self._subject.metrics()
        return Answer(status=200, body=text.encode(), content_type=CONTENT_TYPE)


def health_answer(checks: Mapping[str, str]) -> Answer:
    """Return the answer of a probe: 200 when every check holds, else 503."""
    failing = any(checks.values())
    told = {name: f"failing: {fault}" if fault else "ok" for name, fault in checks.items()}
    body = json.dumps({"status": "failing" if failing else "ok", "checks": told}).encode()
    return Answer(status=503 if failing else 200, body=body, content_type=JSON_TYPE)


def checks_of(body: bytes) -> dict[str, str]:
    """Return the checks that the body of a probe tells, as `Monitored.checks` does.

    Raises:
        ValueError: it is not one.
    """
    told = json.loads(body)["checks"]
    return {
        name: "" if text == "ok" else text.removeprefix("failing: ") for name, text in told.items()
    }
